import { openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import type { FaultOutcome, ThrownError } from './fault-watch.ts';

/** What a process tells of a path, a line of JSON each. */
export type Note =
  /** So often was the path executed for the test by this process, by now. */
  | { say: 'hit'; id: string; test: string; count: number }
  | { say: 'swallowed'; id: string; test: string; error: string }
  | { say: 'unhandled'; test: string; error: string; at: string }
  /** The process has loaded a file of the project for the test. */
  | { say: 'loaded'; test: string; file: string }
  /** What became of a scope in which a call failed. */
  | { say: 'fault'; test: string; outcome: FaultOutcome }
  /** An error that comes out of a scope though nothing was made to fail: the test at hand means it to. */
  | { say: 'thrown'; test: string; scope: string; error: ThrownError }
  /** A test did not come to its end with the n-th call of the scope failing. */
  | { say: 'stuck'; test: string; scope: string; n: number }
  /** All calls of the scope have been tried, or as many as were to be. */
  | { say: 'fault-end'; test: string; scope: string; tried: number; all: boolean }
  /** A mutant made a test hang. */
  | { say: 'hung'; id: string; test: string };

/** Writes notes to a file of this process and thread; what is written stays when the process is killed. */
export function openNotes(folder: string): (note: Note) => void {
  // Taken now: tests put others in the place of the file system's functions.
  const [open, write] = [openSync, writeSync];
  let file: number | undefined;
  return (note) => {
    try {
      file ??= open(path.join(folder, `${process.pid}-${threadId}-${process.hrtime.bigint()}.jsonl`), 'a');
    } catch (error) {
      // A process may outlive the run, whose folder is gone then. It must not fail by that.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    write(file, `${JSON.stringify(note)}\n`);
  };
}

/** Counts executions by path and test. Told at the first, at each power of two, and in the end. */
export function openCounter(tell: (note: Note) => void): {
  count: (id: string, test: string) => void;
  flush: () => void;
} {
  const counts = new Map<string, { id: string; test: string; count: number; told: number }>();
  const say = (entry: { id: string; test: string; count: number; told: number }) => {
    entry.told = entry.count;
    tell({ say: 'hit', id: entry.id, test: entry.test, count: entry.count });
  };
  return {
    count(id, test) {
      const key = `${id}\n${test}`;
      const entry = counts.get(key) ?? { id, test, count: 0, told: 0 };
      counts.set(key, entry);
      entry.count += 1;
      if (entry.count >= entry.told * 2) say(entry);
    },
    flush() {
      for (const entry of counts.values()) if (entry.count > entry.told) say(entry);
    },
  };
}
