import { AsyncLocalStorage } from 'node:async_hooks';
import type { Mutation } from '../result.ts';
import type { Faults } from './faults.ts';
import { openCounter, openNotes } from './notes.ts';
import { swallowedProblem, type Problem } from './problems.ts';
import { openWrappers } from './wrappers.ts';
import type { Errand, Session } from './session.ts';

/** A test in progress. */
export interface Running {
  test: string;
  problems: Problem[];
}

type Pending = { error: unknown } | undefined;

/** The functions that woven code calls, under {@link import('../find/site.ts').RUNTIME}. */
export interface Woven {
  /** Counts a path; true when its effect is to be left out. */
  hit(id: string): boolean;
  value(value: unknown): unknown;
  /** What a call behind a `?.` is to be made on; it counts where it is there. */
  present(id: string, value: unknown): unknown;
  /** The same for a method that may not be there: `deferred.reject?.(error)`, `deferred?.reject?.(error)`. */
  method(id: string, on: unknown, name: string, mayMiss: 0 | 1): unknown;
  /** `test`, but false where it is true, `error()` counts, and the path is mutated. */
  unless(test: unknown, error: () => unknown): unknown;
  /** `test`, but true where it is false, `error()` counts, and the path is mutated. */
  orWhen(test: unknown, error: () => unknown): unknown;
  /** A function in the place of one that takes an error. */
  handler(id: string, handle: unknown, swallows: 0 | 1): unknown;
  /** At the head of a catch block: whether to go on with it. */
  caught(id: string, error: unknown, swallows: 0 | 1): boolean;
  /** A callback in the place of one that has no use for the error it is given. */
  ignoring(id: string, callback: unknown): unknown;
  /** Notes an error that is on its way out of a try statement; takes it up again in its finally block. */
  pend(error: unknown): unknown;
  takePending(): Pending;
  /** Whether to leave a finally block; an error that is on its way is dropped by it. */
  leave(id: string, pending: Pending): boolean;
  exit(id: string, ...code: unknown[]): unknown;
  exitCode(id: string, code: unknown): unknown;
  /** Around the body of a function, for level 3; the id is undefined where only its try blocks are scopes. */
  scope(id: string | undefined, work: () => unknown): unknown;
  enterTry(id: string): void;
  leaveTry(id: string): void;
}

export interface Runtime {
  woven: Woven;
  running: AsyncLocalStorage<Running>;
  /** What this process, or the test at hand, does now. */
  errand: () => Errand;
  tell: ReturnType<typeof openNotes>;
  flush: () => void;
}

/** Puts what woven code calls in place, for all of this process or thread. */
export function installRuntime(session: Session, errand: Errand, faults?: Faults): Runtime {
  const running = new AsyncLocalStorage<Running>();
  const tell = openNotes(session.notes);
  const counter = openCounter(tell);
  const maySwallow = new Set(session.maySwallow);
  // Once for each path and test: it may be dropped in a loop.
  const told = new Set<string>();
  const inPlaceOf = openWrappers();
  // From the end of a try block to the beginning of its finally block nothing else runs.
  let pending: Pending;
  const testNow = () => running.getStore()?.test ?? errand.test;
  const mutationOf = (id: string): Mutation | undefined => {
    counter.count(id, testNow());
    return errand.mutant?.id === id ? errand.mutant.mutation : undefined;
  };
  const swallow = (id: string, error: unknown) => {
    const key = `${id}\n${testNow()}`;
    if (told.has(key)) return;
    told.add(key);
    const message = textOf(error);
    tell({ say: 'swallowed', id, test: testNow(), error: message });
    if (maySwallow.has(id)) return;
    running.getStore()?.problems.push(swallowedProblem(message, session.places[id] ?? id));
  };
  const exits = (id: string, code: unknown): boolean => {
    const fails = !(code === 0 || code === '0' || code === undefined || code === null);
    return fails && mutationOf(id) === 'remove';
  };
  const woven: Woven = {
    hit: (id) => mutationOf(id) === 'remove',
    value: (value) => value,
    present: (id, value) => (value === undefined || value === null || mutationOf(id) !== 'remove' ? value : undefined),
    method(id, on, name, mayMiss) {
      if (mayMiss === 1 && (on === undefined || on === null)) return undefined;
      const found = (on as Record<string, unknown>)[name];
      if (typeof found !== 'function') return found;
      return mutationOf(id) === 'remove' ? undefined : (found.bind(on) as unknown);
    },
    unless: (test, error) => (test ? (error() === true ? false : test) : test),
    orWhen(test, error) {
      if (test) return test;
      return error() === true ? true : test;
    },
    caught(id, error, swallows) {
      const mutation = mutationOf(id);
      if (swallows === 1 && mutation === undefined) swallow(id, error);
      if (mutation === 'rethrow') throw error;
      return mutation !== 'remove';
    },
    handler: (id, handle, swallows) =>
      inPlaceOf(handle, id, (call, given) => {
        const mutation = mutationOf(id);
        if (swallows === 1 && mutation === undefined) swallow(id, given[0]);
        if (mutation === 'rethrow') throw given[0];
        return mutation === 'remove' ? undefined : call();
      }),
    ignoring: (id, callback) =>
      inPlaceOf(callback, id, (call, given) => {
        if (given[0]) {
          counter.count(id, testNow());
          swallow(id, given[0]);
        }
        return call();
      }),
    pend(error) {
      pending = { error };
      return error;
    },
    takePending() {
      const taken = pending;
      pending = undefined;
      return taken;
    },
    leave(id, lost) {
      const mutation = mutationOf(id);
      if (lost === undefined) return true;
      if (mutation === 'remove') return false;
      swallow(id, lost.error);
      return true;
    },
    exit(id, ...code) {
      // Without an argument it ends with `exitCode`; with undefined it does not.
      const ends = code.length === 0 ? process.exitCode : code[0];
      return exits(id, ends) ? undefined : (process.exit as (...code: unknown[]) => unknown)(...code);
    },
    exitCode: (id, code) => (exits(id, code) ? process.exitCode : code),
    scope(id, work) {
      if (id !== undefined) counter.count(id, testNow());
      return faults === undefined ? work() : faults.scope(id, work);
    },
    enterTry(id) {
      counter.count(id, testNow());
      faults?.enterTry(id);
    },
    leaveTry: (id) => faults?.leaveTry(id),
  };
  (globalThis as { __errorPath__?: Woven }).__errorPath__ = woven;
  process.on('exit', counter.flush);
  return { woven, running, errand: () => ({ ...errand, test: testNow() }), tell, flush: counter.flush };
}

/** An error in one line. */
export function textOf(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return text.split('\n', 1)[0]?.slice(0, 300) ?? '';
}
