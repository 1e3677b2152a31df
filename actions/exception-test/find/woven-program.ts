import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { readNotes } from '../run/read-notes.ts';
import { installRuntime } from '../runtime/runtime.ts';
import type { Errand, Mutant } from '../runtime/session.ts';
import { findPaths } from './find-paths.ts';
import { parseResultShape } from './result-shapes.ts';

/** What a program did. */
export interface Behaviour {
  /** What it logged, in order. */
  log: unknown[];
  returned?: unknown;
  thrown?: unknown;
}

/** Runs small programs for tests, as they are and with counters woven in. */
export interface Programs {
  /** The body of an async function; it has `log(…)`, which answers what it is given, and what stands in `given`. */
  plain: (body: string, given?: object) => Promise<Behaviour>;
  woven: (body: string, mutant?: Mutant, given?: object) => Promise<Behaviour>;
  /** How often the last woven program executed each path, as `kind@line`; and the errors that it swallowed. */
  seen: () => { hits: Record<string, number>; swallowed: string[] };
  close: () => void;
}

export const FILE = 'a.js';
const RESULTS = [parseResultShape('err'), parseResultShape('{ ok: false }')];

type Installed = typeof globalThis & { __errorPath__?: unknown };

/** The programs find the runtime as it is, but nobody else in this process does. */
export function openPrograms(): Programs {
  const folder = mkdtempSync(path.join(tmpdir(), 'woven-'));
  const errand: Errand = { test: '' };
  const before = (globalThis as Installed).__errorPath__;
  const session = { root: folder, notes: folder, woven: folder, files: {}, places: {}, maySwallow: [] };
  const { woven, flush } = installRuntime(session, errand);
  (globalThis as Installed).__errorPath__ = before;
  const globals = Object.create(globalThis, { __errorPath__: { value: woven } }) as object;
  let runs = 0;
  let last = '';
  return {
    plain: async (body, given = {}) => await behave(asFunction(body), { ...given, globalThis: globals }),
    async woven(body, mutant, given = {}) {
      runs += 1;
      Object.assign(errand, { test: `run ${runs}`, mutant });
      last = asFunction(body);
      return await behave(weave(last), { ...given, globalThis: globals });
    },
    seen() {
      flush();
      const { hits, swallowed } = readNotes(folder);
      const counts = findPaths(FILE, last, RESULTS).paths.map(({ id, kind, start }): [string, number] => [
        `${kind}@${start.line}`,
        hits.get(id)?.get(errand.test) ?? 0,
      ]);
      return {
        hits: Object.fromEntries(counts.filter(([, count]) => count > 0)),
        swallowed: swallowed.filter(({ test }) => test === errand.test).map(({ error }) => error),
      };
    },
    close() {
      rmSync(folder, { recursive: true });
    },
  };
}

/** The mutants of a program: its paths in the order of the text, by their mutations. */
export function mutantsOf(body: string): (Mutant & { kind: string })[] {
  return findPaths(FILE, asFunction(body), RESULTS).paths.flatMap(({ id, kind, mutations }) =>
    mutations.map((mutation) => ({ id, kind, mutation })),
  );
}

/** The body's first line is the first of all. */
function asFunction(body: string): string {
  return `async function program() {${body}\n}`;
}

function weave(text: string): string {
  const { woven, unparsed } = findPaths(FILE, text, RESULTS);
  if (unparsed !== undefined) throw new SyntaxError(`${unparsed.line}: ${unparsed.message}\n${text}`);
  const result = woven?.toString() ?? text;
  if (result.split('\n').length !== text.split('\n').length) throw new Error(`A line was added:\n${result}`);
  return result;
}

async function behave(text: string, given: Record<string, unknown>): Promise<Behaviour> {
  const log: unknown[] = [];
  const scope: Record<string, unknown> = {
    log: (value: unknown) => {
      log.push(value);
      return value;
    },
    ...given,
  };
  const run = vm.compileFunction(`${text}; return program.call({ name: 'this' }, 1, 2)`, Object.keys(scope)) as (
    ...values: unknown[]
  ) => Promise<unknown>;
  try {
    return { log, returned: await run(...Object.values(scope)) };
  } catch (error) {
    return { log, thrown: error };
  }
}
