import pg from 'pg';
import { CleaverError, messageOf, type ErrorCode } from '../core/errors.ts';

/** What a failed connection or statement is called: a source and a database for predictions have codes of their own. */
export interface PostgresCodes {
  unreachable: ErrorCode;
  queryFailed: ErrorCode;
}

/** A pool of connections with errors in words for their reader; no message ever has the password. */
export interface PostgresConnections {
  readonly pool: pg.Pool;
  /**
   * Runs `work` in one transaction on a connection of its own: committed when it resolves, rolled back when it throws.
   * The connection is given back, or closed where it broke.
   */
  inTransaction: <T>(begin: string, work: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
  /** The CleaverError of anything that `pg` throws. */
  translate: (error: unknown, about: string) => unknown;
}

const CONNECT_TIMEOUT_MS = 10_000;

const UNREACHABLE_SYSTEM_CODES: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'],
  ...['ENOENT', 'EACCES'],
]);

/** Makes the pool for a `postgres://` URL; it connects when it is first used. Error: `codes.unreachable` for a bad URL. */
export function postgresConnections(url: string, codes: PostgresCodes): PostgresConnections {
  const host = hostOf(url, codes);
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser },
  });
  // A connection that is lost is made again when it is next needed, and a statement that runs on it says so itself;
  // unheard, these events would end the process.
  // exception-test allow swallowed until 2027-11-30: nobody waits for an idle connection, and the pool drops it by itself
  pool.on('error', () => undefined);
  // exception-test allow swallowed until 2027-11-30: the statement that runs on the connection fails with the same error
  pool.on('connect', (client) => client.on('error', () => undefined));

  function translate(error: unknown, about: string): unknown {
    if (error instanceof CleaverError) return error;
    const code = codeOf(error);
    if (code === '53100') return diskFull(host, error);
    if (isUnreachable(code, messageOf(error))) return unreachable(host, codes, error);
    // Without an SQLSTATE it is no answer of the server's, but a bug of ours.
    if (!(error instanceof pg.DatabaseError)) return error;
    const detail = error.detail === undefined ? '' : ` (${error.detail})`;
    return new CleaverError(codes.queryFailed, `Postgres at ${host} refused ${about}: ${error.message}${detail}.`, {
      hint: error.hint ?? 'Mend the statement, or give this user the right to run it.',
      cause: error,
    });
  }

  return {
    pool,
    translate,
    async inTransaction(begin, work) {
      const client = await pool.connect();
      let isUsable = false;
      try {
        await client.query(begin);
        const result = await work(client);
        const { command } = await client.query('COMMIT');
        // Postgres rolls back without an error when a statement failed before, even where `work` went on after it.
        if (command !== 'COMMIT') throw failedBefore(codes);
        isUsable = true;
        return result;
      } catch (error) {
        // Where the connection broke the server rolls back by itself; the first error is the one to tell.
        const rolledBack = await client.query('ROLLBACK').catch(() => undefined);
        isUsable = rolledBack !== undefined;
        throw error;
      } finally {
        client.release(!isUsable);
      }
    },
  };
}

/** Host and port for messages. The URL itself is never shown: what follows a misplaced `@` or `/` may be the password. */
function hostOf(url: string, codes: PostgresCodes): string {
  // Neither text nor cause of a URL's own error is kept: both have the whole URL.
  const refuse = (why: string) =>
    new CleaverError(codes.unreachable, `The postgres:// URL cannot be read: ${why}.`, {
      hint: 'Write postgres://user:password@host:5432/database, with / ? # @ in the password as %2F %3F %23 %40.',
    });
  if (/^[a-z]+:\/\/[^/?#]*[/?#].*@/i.test(url)) throw refuse('there is an @ after the host');
  try {
    const { host, port } = new pg.Client({ connectionString: url });
    return host.startsWith('/') ? host : `${host}:${port}`;
  } catch {
    throw refuse('it is no URL');
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Classes 08 (connection; but 08P01 is a wrong number of parameters) and 28 (login), 57P0x (server going down or starting), no such database, too many clients. */
function isUnreachable(code: string | undefined, message: string): boolean {
  if (code !== undefined) return UNREACHABLE_SYSTEM_CODES.has(code) || /^(08(?!P01)|28|57P0|3D000|53300)/.test(code);
  return /connection terminated|timeout exceeded when trying to connect|client was closed|SASL|SSL/i.test(message);
}

function unreachable(host: string, codes: PostgresCodes, error: unknown): CleaverError {
  // Node tries each address of a name and then has no message of its own.
  const why = error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error);
  return new CleaverError(codes.unreachable, `Postgres at ${host} cannot be used: ${why}.`, {
    hint: 'See that it runs there and that user, password and database in the URL are right (psql with the same URL).',
    cause: error,
  });
}

function failedBefore(codes: PostgresCodes): CleaverError {
  return new CleaverError(
    codes.queryFailed,
    'A statement of the transaction failed before, so all of it was rolled back.',
    {
      hint: 'Mend the statement that failed; within a transaction an error cannot be passed over.',
    },
  );
}

function diskFull(host: string, error: unknown): CleaverError {
  return new CleaverError('DISK_FULL', `No room left for Postgres at ${host}: ${messageOf(error)}.`, {
    hint: 'Free space on the disk of that server; then run the command again.',
    cause: error,
  });
}

// Numbers of the types in pg_type, the same on every server.
const INT8 = 20;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const NUMERIC = 1700;

type TypeParser = (text: string) => unknown;

/** Values as SQLite gives them: numbers as numbers, days and times as ISO text. */
const PARSERS: ReadonlyMap<number, TypeParser> = new Map<number, TypeParser>([
  [INT8, (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text))],
  [NUMERIC, Number],
  [DATE, (text) => text],
  [TIMESTAMP, (text) => isoText(`${text.replace(' ', 'T')}Z`, text)],
  [TIMESTAMPTZ, (text) => isoText(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'), text)],
]);

function getTypeParser(...[oid, format]: Parameters<typeof pg.types.getTypeParser>): TypeParser {
  return PARSERS.get(oid) ?? (pg.types.getTypeParser(oid, format) as TypeParser);
}

/** `infinity` and years before Christ stay as they are written. */
function isoText(iso: string, text: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
