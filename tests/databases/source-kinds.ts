import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStage } from '../../pipelines/adapters/stage.ts';
import { newSchema, noPostgres } from './postgres-schema.ts';

/** Where a source's data are put by a test, and what runs there. */
export interface SourcePlace {
  url: string;
  /** Runs SQL on the source; for files it is DuckDB's, whose file names start at the folder. */
  run(sql: string): Promise<void>;
  remove(): Promise<void>;
}

export interface SourceKind {
  name: string;
  /** Why it is left out here. */
  skipped?: string | undefined;
  make(): Promise<SourcePlace>;
  /** SQL that makes the table `name` with the rows of the SELECT `rows`: id, time as text, amount, note, paid. */
  tableOf(name: string, rows: string): string;
}

const COLUMNS = 'id, known, amount, note, paid';

/** Every way in which the same table can be stored. */
export const SOURCE_KINDS: readonly SourceKind[] = [
  {
    name: 'sqlite',
    make: sqlitePlace,
    tableOf: (name, rows) =>
      `CREATE TABLE "${name}" (id INTEGER, known TEXT, amount REAL, note TEXT, paid BOOLEAN); INSERT INTO "${name}" ${rows}`,
  },
  ...(['timestamptz', 'timestamp', 'text'] as const).map((type): SourceKind => ({
    name: `postgres, time as ${type}`,
    skipped: noPostgres,
    make: newPlaceOnPostgres,
    tableOf: (name, rows) =>
      `CREATE TABLE "${name}" (id bigint, known ${type}, amount numeric(10, 2), note text, paid boolean);
       INSERT INTO "${name}" SELECT id, known${type === 'text' ? '' : "::timestamptz AT TIME ZONE 'UTC'"}${type === 'timestamptz' ? " AT TIME ZONE 'UTC'" : ''}, amount, note, paid
       FROM (${rows}) AS rows (${COLUMNS})`,
  })),
  {
    name: 'one CSV file',
    make: filesPlace,
    tableOf: (name, rows) => `COPY (SELECT * FROM (${rows}) AS rows (${COLUMNS})) TO '${name}.csv' (HEADER)`,
  },
  {
    name: 'a folder of CSV files',
    make: filesPlace,
    tableOf: (name, rows) =>
      [0, 1]
        .map(
          (part) =>
            `COPY (SELECT * FROM (${rows}) AS rows (${COLUMNS}) WHERE id % 2 = ${part}) TO '${name}/part-${part}.csv' (HEADER)`,
        )
        .join('; '),
  },
  {
    name: 'one Parquet file',
    make: filesPlace,
    tableOf: (name, rows) =>
      `COPY (SELECT id, known::TIMESTAMPTZ AS known, amount, note, paid FROM (${rows}) AS rows (${COLUMNS})) TO '${name}.parquet'`,
  },
];

async function newPlaceOnPostgres(): Promise<SourcePlace> {
  const { url, run, drop } = await newSchema();
  return { url, run, remove: drop };
}

async function sqlitePlace(): Promise<SourcePlace> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'source-test-'));
  const database = new DatabaseSync(path.join(folder, 'source.db'));
  database.exec('PRAGMA journal_mode = WAL');
  return {
    url: `sqlite:${path.join(folder, 'source.db')}`,
    run: (sql) => {
      database.exec(sql);
      return Promise.resolve();
    },
    async remove() {
      database.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function filesPlace(): Promise<SourcePlace> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'source-test-'));
  return {
    url: `files:${folder}`,
    async run(sql) {
      const stage = await openStage(':memory:', { scratch: os.tmpdir() });
      const placed = sql.replaceAll(/TO '([^']+)'/g, (_, name: string) => `TO '${path.join(folder, name)}'`);
      for (const [, name = ''] of sql.matchAll(/TO '([^']+)'/g))
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await stage.run(placed);
      await stage.close();
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** A folder as a source, with these files by name. */
export async function folderOf(files: Record<string, string>): Promise<SourcePlace> {
  const place = await filesPlace();
  for (const [name, text] of Object.entries(files))
    await writeFile(path.join(place.url.slice('files:'.length), name), text);
  return place;
}
