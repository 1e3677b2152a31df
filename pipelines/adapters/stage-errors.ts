import { CleaverError, messageOf } from '../core/errors.ts';
import { diskFailed } from './files.ts';

/** An error of DuckDB's in words for its reader where that is a full or a failing disk; an SQL error stays what it is. */
export function stageError(error: unknown, file: string): unknown {
  if (/input\/output error/i.test(messageOf(error))) return diskFailed(file, error);
  if (!/no space left on device|disk quota exceeded|max_temp_directory_size/i.test(messageOf(error))) return error;
  return new CleaverError(
    'DISK_FULL',
    `No room left on the disk while DuckDB was at work on ${file}: ${firstLine(error)}`,
    {
      hint: 'Free space on that disk, or move the state with CLEAVER_HOME; then run the command again.',
      cause: error,
    },
  );
}

/** Why a DuckDB file does not open. */
export function openingError(error: unknown, file: string): unknown {
  if (/could not set lock/i.test(messageOf(error)))
    return stageBusy(file, /PID (\d+)/.exec(messageOf(error))?.[1], error);
  if (/cannot open file|failed to create|permission denied|read-only file system/i.test(messageOf(error))) {
    return new CleaverError('STATE_UNWRITABLE', `${file} cannot be opened: ${firstLine(error)}`, {
      hint: 'Give this user the right to write there, or choose another folder with CLEAVER_HOME.',
      cause: error,
    });
  }
  return stageError(error, file);
}

/** Another opener has the file; `pid` is its process where that is known. */
export function stageBusy(file: string, pid: string | undefined, cause?: unknown): CleaverError {
  const who = pid === undefined ? 'Another command' : `Another command (process ${pid})`;
  return new CleaverError('BUSY', `${who} is at work on ${file}.`, {
    hint: 'Wait until it has ended, then run this command again.',
    cause,
  });
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}
