import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { testOf } from '../runtime/session.ts';
import type { Counted } from './count-paths.ts';
import type { ImportGraph } from './import-graph.ts';
import { mergeNotes, type Notes } from './read-notes.ts';
import type { FileOutcome } from './run-tests.ts';
import { hashOf } from './sources.ts';
import type { Candidate, Verdict } from './try-mutants.ts';

/** What former runs have found out and what still holds, so that a change pays for what it touches. */
export interface Memory {
  /** What is known of a test file as it stands; undefined when it, or anything it is made of, is another. */
  recall(project: string, file: string): Remembered | undefined;
  remember(counted: Counted): void;
  recallVerdict(candidate: Candidate): Verdict | undefined;
  rememberVerdicts(verdicts: readonly Verdict[]): void;
  save(): void;
}

/** What a test file did, with only the notes that are about it. */
export interface Remembered {
  outcome: FileOutcome;
  notes: Notes;
}

/** The form on the disk. */
interface Stored {
  version: string;
  files: Record<
    string,
    { key: string; outcome: FileOutcome; hits: [id: string, test: string, count: number][]; loaded: string[] }
  >;
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
      if (found?.key !== keyOfFile(file, found?.loaded ?? [])) return undefined;
      return { outcome: found.outcome, notes: notesOf(found.hits) };
    },
    remember({ files, notes }) {
      for (const outcome of files) {
        const { project, file, tests, errors } = outcome;
        const prefix = `${project}\n${file}\n`;
        const told = [...notes.swallowed, ...notes.unhandled].some(({ test }) => test.startsWith(prefix));
        // What is red, or told something, is looked at again each time.
        if (told || errors.length > 0 || tests.some(({ state }) => state === 'failed')) continue;
        const loaded = [...notes.loaded].filter(([test]) => test.startsWith(prefix)).flatMap(([, names]) => [...names]);
        const hits = [...notes.hits].flatMap(([id, byTest]) =>
          [...byTest]
            .filter(([test]) => test.startsWith(prefix))
            .map(([test, count]): [string, string, number] => [id, test, count]),
        );
        // It is made of what it reached, by whatever name that was imported.
        const names = [...new Set([...loaded, ...hits.map(([id]) => sourceOf(id))])].sort();
        stored.files[`${project}\n${file}`] = { key: keyOfFile(file, names), outcome, hits, loaded: names };
      }
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

function notesOf(hits: readonly [string, string, number][]): Notes {
  const notes = mergeNotes([]);
  const all = new Map<string, Map<string, number>>();
  for (const [id, test, count] of hits) all.set(id, (all.get(id) ?? new Map<string, number>()).set(test, count));
  return { ...notes, hits: all };
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
