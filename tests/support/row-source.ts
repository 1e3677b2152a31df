import type { Day } from '../../pipelines/core/days.ts';
import type { Source } from '../../pipelines/adapters/source.ts';

export type Rows = Record<string, readonly Record<string, unknown>[]>;

/** A source of the rows at hand, with columns of text and numbers; times are days as text. */
export function rowSource(tables: Rows): Source {
  const rowsOf = (name: string) => tables[name] ?? [];
  const dayOfRow = (row: Record<string, unknown>, time: string): Day => String(row[time]).slice(0, 10);
  return {
    kind: 'files',
    span: ({ name, time }) => {
      const days = rowsOf(name)
        .map((row) => dayOfRow(row, time))
        .sort();
      const [first, last] = [days[0], days.at(-1)];
      return Promise.resolve(first === undefined || last === undefined ? undefined : { first, last });
    },
    async read({ name, time }, range, stage, target) {
      const columns = Object.keys(rowsOf(name)[0] ?? { [time]: '' });
      const type = (column: string) =>
        column === time
          ? 'TIMESTAMP'
          : rowsOf(name).some((row) => typeof row[column] === 'number')
            ? 'DOUBLE'
            : 'VARCHAR';
      await stage.ensureTable(
        target,
        columns.map((column) => ({ name: column, type: type(column) })),
      );
      const rows = rowsOf(name).filter(
        (row) => dayOfRow(row, time) >= (range.from ?? '') && dayOfRow(row, time) < range.before,
      );
      await stage.append(
        target,
        columns.map((column) => rows.map((row) => row[column] ?? null)),
      );
      return rows.length;
    },
    close: () => Promise.resolve(),
  };
}
