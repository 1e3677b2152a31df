import { AsyncLocalStorage } from 'node:async_hooks';
import {
  countCalls,
  describe,
  openWatch,
  type FaultOutcome,
  type Places,
  type ThrownError,
  type Watch,
} from './fault-watch.ts';
import type { Watcher, Watching } from './fault-watcher.ts';

/** Which call is to fail: the n-th of a scope, wherever the scope is entered. */
export interface FaultTarget {
  scope: string;
  /** From 1. */
  n: number;
}

/** The scopes of a process, and the order to make a call within one of them fail. */
export interface Faults {
  /** Holds until the next order; to measure is to count the calls of all scopes. */
  order(order: FaultTarget | 'measure' | undefined): void;
  /** What came of the order to make a call fail, and the most calls that a run of the scope made. */
  result(): Promise<{ outcomes: FaultOutcome[]; calls: number }>;
  /** What came of the order to measure: calls by scope, and the errors that came out of scopes by themselves. */
  measured(): { calls: ReadonlyMap<string, number>; thrown: readonly { scope: string; error: ThrownError }[] };
  scope(id: string | undefined, work: () => unknown): unknown;
  enterTry(id: string): void;
  leaveTry(id: string): void;
  /** Who watches here and now: in a function also before and after the try block that is the scope, where no call fails. */
  watcher: Watching;
}

/** A function in progress. */
interface Frame {
  outer: Frame | undefined;
  /** The scope that the function itself is, if it is one. */
  id: string | undefined;
  /** The scopes that it is in: itself, and try blocks. */
  within: Set<string>;
  /** The scopes that it is or was in. */
  entered: Set<string>;
  /** Set when the scope of the order is, or was, among them. */
  watch: Watch | undefined;
}

/** Opens the scopes of this process. */
export function openFaults(places: Places): Faults {
  const frames = new AsyncLocalStorage<Frame>();
  let order: FaultTarget | 'measure' | undefined;
  let settling: Promise<FaultOutcome | undefined>[] = [];
  let watches: Watch[] = [];
  let counts = new Map<string, ReturnType<typeof countCalls>>();
  let thrownOut: { scope: string; error: ThrownError }[] = [];
  const enter = (frame: Frame, id: string) => {
    frame.within.add(id);
    frame.entered.add(id);
    if (typeof order !== 'object' || order.scope !== id || frame.watch !== undefined) return;
    frame.watch = openWatch(order.n, places);
    watches.push(frame.watch);
  };
  const measuring: Watcher = {
    ...UNINTERESTED,
    before(point) {
      for (const { frame, inner } of outwards(frames.getStore())) {
        for (const id of frame.within) {
          const count = counts.get(id) ?? countCalls(places);
          counts.set(id, count);
          count.isAnother(point, inner);
        }
      }
      return undefined;
    },
  };
  return {
    order(next) {
      order = next;
      [settling, watches] = [[], []];
      counts = new Map();
      thrownOut = [];
    },
    async result() {
      const outcomes = (await Promise.all(settling)).filter((outcome) => outcome !== undefined);
      return { outcomes, calls: Math.max(0, ...watches.map((watch) => watch.calls())) };
    },
    measured: () => ({
      calls: new Map([...counts].map(([id, calls]) => [id, calls.count()])),
      thrown: thrownOut,
    }),
    scope(id, work) {
      if (order === undefined) return work();
      const frame: Frame = { outer: frames.getStore(), id, within: new Set(), entered: new Set(), watch: undefined };
      if (id !== undefined) enter(frame, id);
      const { scope = '' } = order === 'measure' ? {} : order;
      return frames.run(frame, () =>
        atEnd(work, (thrown) => {
          if (frame.watch !== undefined) settling.push(frame.watch.end(scope, thrown));
          if (order !== 'measure' || thrown === undefined) return;
          for (const entered of frame.entered) thrownOut.push({ scope: entered, error: describe(thrown.error) });
        }),
      );
    },
    enterTry(id) {
      const frame = frames.getStore();
      if (frame !== undefined) enter(frame, id);
    },
    leaveTry: (id) => void frames.getStore()?.within.delete(id),
    watcher() {
      if (order === 'measure') return measuring;
      if (order === undefined) return undefined;
      for (const { frame, inner } of outwards(frames.getStore())) {
        if (frame.watch === undefined) continue;
        return frame.within.has(order.scope) ? frame.watch.watcher(inner) : frame.watch.bystander;
      }
      return undefined;
    },
  };
}

const UNINTERESTED: Omit<Watcher, 'before'> = {
  opened: () => undefined,
  closed: () => undefined,
  planned: () => undefined,
  writing: () => undefined,
  written: () => undefined,
  ended: () => undefined,
  renamed: () => undefined,
  removed: () => undefined,
};

/** Functions in progress from the innermost on, each with the outermost function within it that is a scope. */
function* outwards(innermost: Frame | undefined): Generator<{ frame: Frame; inner: string | undefined }> {
  let inner: string | undefined;
  for (let frame = innermost; frame !== undefined; frame = frame.outer) {
    yield { frame, inner };
    inner = frame.id ?? inner;
  }
}

/** Runs, and tells how it ended: at once, or when its promise is settled. */
function atEnd(work: () => unknown, tell: (thrown: { error: unknown } | undefined) => void): unknown {
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    tell({ error });
    throw error;
  }
  if (!(result instanceof Promise)) {
    tell(undefined);
    return result;
  }
  result.then(
    () => {
      tell(undefined);
    },
    (error: unknown) => {
      tell({ error });
    },
  );
  return result;
}
