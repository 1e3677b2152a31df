import { CleaverError, messageOf, type ErrorCode } from '../core/errors.ts';

// The primary result codes of SQLite (https://www.sqlite.org/rescode.html).
const BUSY = 5;
const FULL = 13;
// The extended code for a shared-memory file that cannot grow: the disk is full then.
const IOERR_SHMSIZE = 4874;
const UNREACHABLE: ReadonlySet<number> = new Set([BUSY, 6, 10, 11, 14, 26]);

/** An error of SQLite's in words for its reader; one that is not SQLite's stays what it is. */
export function sqliteError(
  error: unknown,
  about: { file: string; what: string; unreachable: ErrorCode; queryFailed: ErrorCode },
): unknown {
  const code = primaryCodeOf(error);
  if (code === undefined) return error;
  if (code === FULL) {
    return new CleaverError('DISK_FULL', `No room left to write ${about.file}.`, {
      hint: 'Free space on that disk; then run the command again.',
      cause: error,
    });
  }
  if (UNREACHABLE.has(code)) {
    return new CleaverError(about.unreachable, `The SQLite file ${about.file} cannot be used: ${messageOf(error)}.`, {
      hint: 'See that the file is there, is a SQLite database, may be opened by this user, and is not locked by another program.',
      cause: error,
    });
  }
  return new CleaverError(about.queryFailed, `SQLite refused ${about.what} on ${about.file}: ${messageOf(error)}.`, {
    hint: 'Mend the statement, or the table that it names.',
    cause: error,
  });
}

/** Whether another connection keeps the file locked. */
export function isBusy(error: unknown): boolean {
  return primaryCodeOf(error) === BUSY;
}

function primaryCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return undefined;
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 1;
  // The lower byte of an extended code is the primary one.
  return code === IOERR_SHMSIZE ? FULL : code & 0xff;
}
