import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Note } from '../runtime/notes.ts';

/** How often each test executed each path: path id → test key → count. */
export type Hits = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface Notes {
  hits: Hits;
  swallowed: readonly Extract<Note, { say: 'swallowed' }>[];
  unhandled: readonly Extract<Note, { say: 'unhandled' }>[];
  hung: readonly Extract<Note, { say: 'hung' }>[];
  faults: readonly Extract<Note, { say: 'fault' }>[];
  thrown: readonly Extract<Note, { say: 'thrown' }>[];
  stuck: readonly Extract<Note, { say: 'stuck' }>[];
  faultEnds: readonly Extract<Note, { say: 'fault-end' }>[];
  /** Files that child processes loaded, by test key. */
  loaded: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads what all processes and threads of a run have told. */
export function readNotes(folder: string): Notes {
  const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'));
  return mergeNotes(files.map((file) => notesIn(path.join(folder, file))));
}

/** Merges the notes of processes, a list each. */
export function mergeNotes(processes: readonly (readonly Note[])[]): Notes {
  const hits = new Map<string, Map<string, number>>();
  const loaded = new Map<string, Set<string>>();
  const said: Note[] = [];
  for (const notes of processes) {
    // A process says its count again as it grows; the last word counts.
    const last = new Map<string, Extract<Note, { say: 'hit' }>>();
    for (const note of notes) {
      if (note.say === 'hit') last.set(`${note.id}\n${note.test}`, note);
      else said.push(note);
    }
    for (const { id, test, count } of last.values()) add(hits, id, test, count);
  }
  const all = <Say extends Note['say']>(say: Say) =>
    said.filter((note): note is Extract<Note, { say: Say }> => note.say === say);
  for (const { test, file } of all('loaded')) loaded.set(test, (loaded.get(test) ?? new Set()).add(file));
  return {
    hits,
    loaded,
    swallowed: all('swallowed'),
    unhandled: all('unhandled'),
    hung: all('hung'),
    faults: all('fault'),
    thrown: all('thrown'),
    stuck: all('stuck'),
    faultEnds: all('fault-end'),
  };
}

/** Both counts together. */
export function addHits(some: Hits, others: Hits): Hits {
  const hits = new Map([...some].map(([id, byTest]) => [id, new Map(byTest)]));
  for (const [id, byTest] of others) for (const [test, count] of byTest) add(hits, id, test, count);
  return hits;
}

function add(hits: Map<string, Map<string, number>>, id: string, test: string, count: number): void {
  const byTest = hits.get(id) ?? new Map<string, number>();
  hits.set(id, byTest.set(test, (byTest.get(test) ?? 0) + count));
}

function notesIn(file: string): Note[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Note);
}
