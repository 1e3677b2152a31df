import { readFileSync } from 'node:fs';
import type { Mutation } from '../result.ts';

/** Names the session's file, in every process of a run. */
export const SESSION_VARIABLE = 'EXCEPTION_TEST_SESSION';
/** What a child process does for its test: a {@link Errand} as JSON. */
export const ERRAND_VARIABLE = 'EXCEPTION_TEST_ERRAND';

/** One run of tests, as the processes that take part in it read it from its file. */
export interface Session {
  /** The folder that the paths of files are relative to. */
  root: string;
  /** Where each process writes what it saw. */
  notes: string;
  /** Where the woven texts lie, by hash. */
  woven: string;
  /** The hash of each file's woven text, by the file's path from the root. */
  files: Readonly<Record<string, string>>;
  /** Where each path begins, `file:line:column` from the root. */
  places: Readonly<Record<string, string>>;
  /** Paths that may swallow an error while a test runs: those with a waiver. */
  maySwallow: readonly string[];
}

/** Which path is mutated and how. */
export interface Mutant {
  id: string;
  mutation: Mutation;
}

/** For whom a process works. */
export interface Errand {
  /** {@link testKey} of the test, its name empty outside of all tests. */
  test: string;
  mutant?: Mutant | undefined;
}

/** A test in one text: project, file from the root, full name. */
export function testKey(project: string, file: string, name: string): string {
  return [project, file, name].join('\n');
}

/** The parts of a {@link testKey}. */
export function testOf(key: string): { project: string; file: string; name: string } {
  const [project = '', file = '', ...name] = key.split('\n');
  return { project, file, name: name.join('\n') };
}

/** Reads a session; undefined where its folder is gone: a process may outlive the run that it was started in. */
export function readSession(file: string): Session | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Session;
  } catch {
    return undefined;
  }
}
