import path from 'node:path';
import { CleaverError } from '../core/errors.ts';
import { openFilesSource } from './files-source.ts';
import { openPostgresSource } from './postgres-source.ts';
import type { Source } from './source.ts';
import { openSqliteSource } from './sqlite-source.ts';

/**
 * Opens `sqlite:<file>`, `postgres://…` or `files:<folder>`, to read only; relative paths start at `relativeTo`.
 * Error: SOURCE_UNREACHABLE.
 */
export async function openSource(url: string, { relativeTo }: { relativeTo: string }): Promise<Source> {
  if (/^postgres(ql)?:\/\//i.test(url)) return await openPostgresSource(url);
  const [, kind, place] = /^(sqlite|files):(.+)$/i.exec(url) ?? [];
  if (place !== undefined) {
    const resolved = path.resolve(relativeTo, place);
    return kind?.toLowerCase() === 'files' ? await openFilesSource(resolved) : openSqliteSource(resolved);
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? url.slice(0, 3);
  throw new CleaverError(
    'SOURCE_UNREACHABLE',
    `The address of the source does not begin with sqlite:, postgres:// or files:, but with ${JSON.stringify(scheme)}.`,
    {
      hint: 'Write sqlite:<file>, postgres://user:password@host:5432/database or files:<folder> in source.url of model.ts.',
    },
  );
}
