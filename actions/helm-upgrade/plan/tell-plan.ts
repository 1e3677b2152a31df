import { plain, table } from '../../markdown.ts';
import type { ObjectChange } from './manifest-diff.ts';

/** More lines are no diff that a person reads. */
const MAX_LINES = 200;

/** What an upgrade would do, as Markdown. */
export function planMarkdown(release: string, changes: readonly ObjectChange[]): string {
  if (changes.length === 0) return `### ${plain(release)}: nothing changes\n`;
  const lines = changes.flatMap(({ object, kind, values }) =>
    values.length === 0
      ? [[object, kind, '', '']]
      : values.map(({ path, before, after }) => [object, path, before, after]),
  );
  const count = (wanted: string) => changes.filter(({ kind }) => kind === wanted).length;
  const counts = ['created', 'changed', 'removed'].map((kind) => `${count(kind)} ${kind}`).join(', ');
  const left = lines.length - MAX_LINES;
  return [
    `### ${plain(release)}: ${counts}\n`,
    table(['Object', 'What', 'Runs', 'Is to run'], lines.slice(0, MAX_LINES)),
    left > 0 ? `_${left} more lines are left out._\n` : '',
  ].join('\n');
}
