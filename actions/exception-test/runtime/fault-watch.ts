import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FaultPoint, Watcher } from './fault-watcher.ts';

// Taken before a test can put fake clocks in their places.
const { setTimeout } = globalThis;
/** What is closed behind the scenes, as a stream's file is, has so long after the function's end. */
const CLOSING_MS = 300;
const LOOK_MS = 20;
/** Calls that come the same way from the same place, as in a loop, are alike: no more than so many of them count. */
const ALIKE = 3;
/** Calls within another function that is a scope are tried there: for the outer one, one of each kind is enough. */
const ALIKE_WITHIN = 1;
/** Enough to tell ways apart. */
const STACK_DEPTH = 40;

/** Answers the project's own places on an error's stack, the innermost first, as `file:line:column`. */
export type Places = (error: Error) => string[];

/** A thing with the place in the project where it came to be, where that is known. */
export interface Placed {
  what: string;
  at: string | undefined;
}

export interface ThrownError {
  classes: readonly string[];
  code: string | undefined;
  message: string;
}

/** What became of a scope in which a call failed. */
export interface FaultOutcome {
  scope: string;
  /** Which of the scope's calls failed, from 1; of calls that are alike only the first ones count. */
  n: number;
  failed: Placed;
  /** What came out of the function; undefined when it went on all the same. */
  error: ThrownError | undefined;
  leftOpen: readonly Placed[];
  /** Files that were being written when the call failed, and are still there under the name that they had. */
  halfWritten: readonly Placed[];
}

/** One run of a scope. */
export interface Watch {
  /** For calls of the scope itself, or within another scope in it. */
  watcher(inner: string | undefined): Watcher;
  /** The same without making anything fail. */
  bystander: Watcher;
  calls(): number;
  /** What became of it, once all is closed that is going to be; undefined when no call failed. */
  end(scope: string, thrown: { error: unknown } | undefined): Promise<FaultOutcome | undefined>;
}

/** Watches a run of a scope, and makes its n-th call fail. */
export function openWatch(n: number, places: Places): Watch {
  const open = new Map<object | number, Placed>();
  const files = openFileWatch();
  const calls = countCalls(places);
  let failed: Placed | undefined;
  /** Streams open their files later, when nothing on the stack is the project's own. */
  const planned = new Map<string, string>();
  const here = (what: string, file = what): Placed => ({ what, at: placesHere(places)[0] ?? planned.get(file) });
  const before = (point: FaultPoint, inner: string | undefined) => {
    const { call, file = '' } = point;
    if (!calls.isAnother(point, inner, planned.get(file)) || calls.count() !== n) return undefined;
    failed = here(call, file);
    files.failed();
    return point.error();
  };
  const bystander: Watcher = {
    before: () => undefined,
    opened: (thing, what) => void open.set(thing, here(what)),
    closed: (thing) => void open.delete(thing),
    planned(file) {
      const { at } = here(file);
      if (at !== undefined) planned.set(file, at);
    },
    writing: (file) => {
      files.writing(file, here(file));
    },
    written: files.written,
    ended: files.ended,
    renamed: files.renamed,
    removed: files.removed,
  };
  return {
    watcher: (inner) => ({ ...bystander, before: (point) => before(point, inner) }),
    bystander,
    calls: () => calls.count(),
    async end(scope, thrown) {
      if (failed === undefined) return undefined;
      // What is open when the function has gone on may be what it gives.
      const mayStay = thrown === undefined;
      const isWaiting = () => files.areUnderWay() || (!mayStay && open.size > 0);
      for (let waited = 0; isWaiting() && waited < CLOSING_MS; waited += LOOK_MS) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
      const leftOpen = mayStay ? [] : [...open.values()];
      return { scope, n, failed, error: thrown && describe(thrown.error), leftOpen, halfWritten: files.halfWritten() };
    },
  };
}

/** Counts calls; those that are alike are no others after the first ones. */
export function countCalls(places: Places): {
  isAnother(point: FaultPoint, inner: string | undefined, from?: string): boolean;
  count(): number;
} {
  const alike = new Map<string, number>();
  let count = 0;
  return {
    isAnother({ call }, inner, from) {
      const way = inner === undefined ? [call, ...placesHere(places), from] : [call, inner];
      const key = way.join(' ');
      const times = (alike.get(key) ?? 0) + 1;
      alike.set(key, times);
      if (times > (inner === undefined ? ALIKE : ALIKE_WITHIN)) return false;
      count += 1;
      return true;
    },
    count: () => count,
  };
}

/** Knows which files were being written when a call failed, and have not become whole since. */
function openFileWatch() {
  const writing = new Map<string, Placed>();
  const cut = new Map<string, Placed>();
  return {
    failed: () => {
      for (const [file, placed] of writing) cut.set(file, placed);
    },
    writing: (file: string, placed: Placed) => {
      if (!writing.has(file)) writing.set(file, placed);
      // Begun anew or gone on with after the failure, it is whole in the end.
      cut.delete(file);
    },
    written: (file: string) => {
      writing.delete(file);
      cut.delete(file);
    },
    ended: (file: string) => void writing.delete(file),
    renamed: (from: string, to: string) => {
      for (const [file, placed] of [...cut]) {
        if (!isWithin(file, from)) continue;
        const moved = to + file.slice(from.length);
        cut.delete(file);
        cut.set(moved, { ...placed, what: moved });
      }
    },
    removed: (file: string) => {
      for (const one of [...cut.keys()]) if (isWithin(one, file)) cut.delete(one);
    },
    /** Whether a file that was being written then is being written still. */
    areUnderWay: () => [...cut.keys()].some((file) => writing.has(file)),
    halfWritten: () => [...cut].filter(([file]) => existsSync(file)).map(([, placed]) => placed),
  };
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder + path.sep);
}

/** The project's own places on the way here. */
function placesHere(places: Places): string[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_DEPTH;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return places(error);
}

/** An error as it is told to another process. */
export function describe(thrown: unknown): ThrownError {
  const classes: string[] = [];
  for (let at = prototypeOf(thrown); at !== null; at = prototypeOf(at)) classes.push(at.constructor.name);
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  return {
    classes,
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' ? message : String(thrown),
  };
}

function prototypeOf(thing: unknown): object | null {
  return typeof thing === 'object' && thing !== null ? (Object.getPrototypeOf(thing) as object | null) : null;
}
