import path from 'node:path';
import { CleaverError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { openPostgresDatabase } from './postgres-database.ts';
import { openSqliteDatabase } from './sqlite-database.ts';

/**
 * Opens `sqlite:<file>` (made when it is not there; a relative path starts at `relativeTo`) or `postgres://…`.
 *
 * Both give values back alike: whole numbers as number, or bigint beyond 2^53; a column declared BOOLEAN as boolean;
 * days and times as ISO text. Of rows with the same key in one upsert the last counts. A transaction does not nest, and
 * one in which a statement failed is rolled back even when the error was caught. Error: DATABASE_UNREACHABLE.
 */
export async function openDatabase(url: string, { relativeTo }: { relativeTo: string }): Promise<Database> {
  if (/^postgres(ql)?:\/\//i.test(url)) return await openPostgresDatabase(url);
  const file = /^sqlite:(.+)$/i.exec(url)?.[1];
  if (file !== undefined) return await openSqliteDatabase(path.resolve(relativeTo, file));
  throw new CleaverError(
    'DATABASE_UNREACHABLE',
    `The address of the database does not begin with sqlite: or postgres://, but with ${schemeOf(url)}.`,
    {
      hint: 'Write sqlite:<file> or postgres://user:password@host:5432/database.',
    },
  );
}

/** All of a URL that is safe to show. */
function schemeOf(url: string): string {
  return JSON.stringify(/^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? url.slice(0, 3));
}
