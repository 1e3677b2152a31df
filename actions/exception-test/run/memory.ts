import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { testOf } from '../runtime/session.ts';
import type { Counted } from './count-paths.ts';
import type { ImportGraph } from './import-graph.ts';
import type { Hits, Notes } from './read-notes.ts';
import type { FileOutcome } from './run-tests.ts';
import { hashOf } from './sources.ts';
import type { Candidate, Verdict } from './try-mutants.ts';

/** What former runs have found out and what still holds, so that a change pays for what it touches. */
export interface Memory {
  /** What is known of a test file; undefined when the file itself is another. */
  recall(project: string, file: string): Remembered | undefined;
  /** Keeps what test files did that were run as a whole. */
  remember(counted: Counted): void;
  /** Keeps what single tests did of a file that is known. */
  rememberTests(file: FileOutcome, hits: Hits): void;
  recallVerdict(candidate: Candidate): Verdict | undefined;
  rememberVerdicts(verdicts: readonly Verdict[]): void;
  save(): void;
}

/** What a test file did when it last ran. */
export interface Remembered {
  outcome: FileOutcome;
  hits: Hits;
  /** Errors that it dropped where that is waived: else it would be red. */
  swallowed: Notes['swallowed'];
  /** Whether all that it is made of is as it was then. */
  isCurrent: boolean;
  /** Tests of it that have run by themselves since, with all as it is now. */
  current: ReadonlySet<string>;
}

interface StoredFile {
  /** The hash of the test file. */
  own: string;
  /** The hash of that and of all that it is made of. */
  key: string;
  outcome: FileOutcome;
  hits: [id: string, test: string, count: number][];
  swallowed: Notes['swallowed'];
  loaded: string[];
  /** The key with which a test has run by itself. */
  since: Record<string, string>;
}

/** The form on the disk. */
interface Stored {
  version: string;
  files: Record<string, StoredFile>;
  verdicts: Record<string, { key: string; verdict: Verdict['verdict']; by: readonly string[] }>;
}

/**
 * Opens the memory in a folder. `version` is a hash of what else decides, such as the options. A file that cannot be read
 * is an empty memory.
 */
export function openMemory(folder: string, version: string, graph: ImportGraph): Memory {
  const at = path.join(folder, 'memory.json');
  const stored = readStored(at, hashOf(`${version} ${process.version} ${graph.rest}`));
  const keyOfFile = (file: string, loaded: readonly string[]) => graph.closureHash([file, ...loaded]);
  return {
    recall(project, file) {
      const found = stored.files[`${project}\n${file}`];
      if (found?.own !== (graph.hashOf(file) ?? '')) return undefined;
      const key = keyOfFile(file, found.loaded);
      const current = Object.entries(found.since).flatMap(([test, then]) => (then === key ? [test] : []));
      const { outcome, hits, swallowed } = found;
      return { outcome, hits: hitsOf(hits), swallowed, isCurrent: found.key === key, current: new Set(current) };
    },
    remember({ files, notes }) {
      for (const outcome of files) {
        const { project, file, tests, errors } = outcome;
        const prefix = `${project}\n${file}\n`;
        const lost = notes.unhandled.some(({ test }) => test.startsWith(prefix));
        // What is red, or lost an error, is looked at again each time.
        if (lost || errors.length > 0 || tests.some(({ state }) => state === 'failed')) continue;
        const loaded = [...notes.loaded].filter(([test]) => test.startsWith(prefix)).flatMap(([, names]) => [...names]);
        const hits = hitsThat(notes.hits, (test) => test.startsWith(prefix));
        // It is made of what it reached, by whatever name that was imported.
        const names = [...new Set([...loaded, ...hits.map(([id]) => sourceOf(id))])].sort();
        const swallowed = notes.swallowed.filter(({ test }) => test.startsWith(prefix));
        const own = graph.hashOf(file) ?? '';
        stored.files[`${project}\n${file}`] = {
          ...{ own, key: keyOfFile(file, names), outcome, hits, swallowed, loaded: names, since: {} },
        };
      }
    },
    rememberTests({ project, file, tests }, hits) {
      const found = stored.files[`${project}\n${file}`];
      if (found === undefined) return;
      const ran = new Set(tests.filter(({ state }) => state === 'passed').map(({ test }) => test));
      const added = hitsThat(hits, (test) => ran.has(test));
      found.hits = [...found.hits.filter(([, test]) => !ran.has(test)), ...added];
      found.loaded = [...new Set([...found.loaded, ...added.map(([id]) => sourceOf(id))])].sort();
      const key = keyOfFile(file, found.loaded);
      for (const test of ran) found.since[test] = key;
    },
    recallVerdict(candidate) {
      const found = stored.verdicts[nameOf(candidate)];
      if (found === undefined) return undefined;
      const { key, verdict, by } = found;
      return key === verdictKey(graph, candidate, verdict, by) ? { ...candidate, verdict, by } : undefined;
    },
    rememberVerdicts(verdicts) {
      for (const { verdict, by, ...candidate } of verdicts.filter((one) => one.verdict !== 'untried')) {
        stored.verdicts[nameOf(candidate)] = { key: verdictKey(graph, candidate, verdict, by), verdict, by };
      }
    },
    save() {
      writeFileSync(`${at}.${process.pid}`, JSON.stringify(stored));
      renameSync(`${at}.${process.pid}`, at);
    },
  };
}

/**
 * A verdict holds for the source as it was and the test that noticed as it was; a survivor's for all tests that reached it.
 * What the tests import besides is not looked at: `--full` tries all again.
 */
function verdictKey(
  graph: ImportGraph,
  { id, tests }: Candidate,
  verdict: Verdict['verdict'],
  by: readonly string[],
): string {
  const files = new Set(tests.map(({ test }) => testOf(test).file));
  const decisive = verdict === 'noticed' ? by.slice(-1).filter((file) => files.has(file)) : [...files].sort();
  return hashOf([sourceOf(id), ...decisive].map((file) => `${file} ${graph.hashOf(file) ?? 'gone'}`).join('\n'));
}

/** The file that a path stands in. */
function sourceOf(id: string): string {
  return id.slice(0, id.lastIndexOf('#'));
}

function nameOf({ id, mutation }: Candidate): string {
  return `${id} ${mutation}`;
}

function hitsOf(hits: StoredFile['hits']): Hits {
  const all = new Map<string, Map<string, number>>();
  for (const [id, test, count] of hits) all.set(id, (all.get(id) ?? new Map<string, number>()).set(test, count));
  return all;
}

function hitsThat(hits: Hits, isWanted: (test: string) => boolean): StoredFile['hits'] {
  return [...hits].flatMap(([id, byTest]) =>
    [...byTest]
      .filter(([test]) => isWanted(test))
      .map(([test, count]): StoredFile['hits'][number] => [id, test, count]),
  );
}

function readStored(at: string, version: string): Stored {
  const empty: Stored = { version, files: {}, verdicts: {} };
  try {
    const stored = JSON.parse(readFileSync(at, 'utf8')) as Stored;
    return stored.version === version ? stored : empty;
  } catch {
    return empty;
  }
}
