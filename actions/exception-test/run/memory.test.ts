import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import type { Note } from '../runtime/notes.ts';
import { testKey } from '../runtime/session.ts';
import type { ImportGraph } from './import-graph.ts';
import { openMemory, type Memory } from './memory.ts';
import { mergeNotes } from './read-notes.ts';
import type { FileOutcome } from './run-tests.ts';
import type { Candidate, Verdict } from './try-mutants.ts';

const one = testKey('unit', 'a.test.ts', 'one');
const OUTCOME: FileOutcome = {
  project: 'unit',
  file: 'a.test.ts',
  tests: [{ test: one, state: 'passed', durationMs: 3, errors: [] }],
  errors: [],
};
const HIT: Note = { say: 'hit', id: 'src/a.ts#0', test: one, count: 4 };

/** Files by their content; each is made of itself alone. */
function graphOf(files: Record<string, string> = {}, rest = 'data'): ImportGraph {
  const content: Record<string, string> = { 'a.test.ts': '1', 'src/a.ts': '1', 'child.mjs': '1', ...files };
  return {
    hashOf: (file) => content[file],
    closureHash: (of) => of.map((file) => `${file}=${content[file] ?? ''}`).join(),
    rest,
  };
}

interface Folder {
  at: string;
  open: (graph?: ImportGraph, version?: string) => Memory;
}

async function folder(): Promise<Folder> {
  const at = await temporaryFolder();
  return { at, open: (graph = graphOf(), version = 'v') => openMemory(at, version, graph) };
}

describe('what a test file did', () => {
  async function kept(notes: readonly Note[] = [HIT], outcome = OUTCOME): Promise<Folder> {
    const place = await folder();
    const memory = place.open();
    memory.remember({ files: [outcome], notes: mergeNotes([notes]) });
    memory.save();
    return place;
  }

  test('is remembered from run to run, with its counts', async () => {
    const remembered = (await kept()).open().recall('unit', 'a.test.ts');
    expect(remembered?.outcome).toEqual(OUTCOME);
    expect(remembered?.isCurrent).toBe(true);
    expect(remembered?.hits).toEqual(new Map([['src/a.ts#0', new Map([[one, 4]])]]));
  });

  test('is not that of another file or project', async () => {
    const memory = (await kept()).open();
    expect(memory.recall('unit', 'b.test.ts')).toBeUndefined();
    expect(memory.recall('', 'a.test.ts')).toBeUndefined();
  });

  test('does not hold when the file has changed, or what a process of it loaded, or what it reached', async () => {
    const place = await kept([HIT, { say: 'loaded', test: one, file: 'child.mjs' }]);
    expect(place.open().recall('unit', 'a.test.ts')?.isCurrent).toBe(true);
    expect(place.open(graphOf({ 'a.test.ts': '2' })).recall('unit', 'a.test.ts')).toBeUndefined();
    for (const file of ['child.mjs', 'src/a.ts']) {
      expect(place.open(graphOf({ [file]: '2' })).recall('unit', 'a.test.ts')?.isCurrent, file).toBe(false);
    }
    expect(place.open(graphOf({ 'src/other.ts': '2' })).recall('unit', 'a.test.ts')?.isCurrent).toBe(true);
  });

  test('is known for a single test that has run since, by what it reached then', async () => {
    const two = testKey('unit', 'a.test.ts', 'two');
    const tests = [...OUTCOME.tests, { test: two, state: 'passed' as const, durationMs: 3, errors: [] }];
    const hit = (id: string, of: string): Note => ({ say: 'hit', id, test: of, count: 1 });
    const place = await kept([hit('src/a.ts#0', one), hit('src/a.ts#0', two)], { ...OUTCOME, tests });
    const changed = graphOf({ 'src/a.ts': '2', 'src/b.ts': '1' });
    const memory = place.open(changed);
    const skipped = {
      ...OUTCOME,
      tests: tests.map((ran) => (ran.test === two ? { ...ran, state: 'skipped' as const } : ran)),
    };
    memory.rememberTests(skipped, mergeNotes([[hit('src/b.ts#0', one), hit('src/b.ts#0', two)]]).hits);
    memory.rememberTests({ ...OUTCOME, file: 'unknown.test.ts' }, new Map());
    memory.save();
    const remembered = place.open(changed).recall('unit', 'a.test.ts');
    expect(remembered).toMatchObject({ isCurrent: false, current: new Set([one]) });
    expect(remembered?.hits).toEqual(
      new Map([
        ['src/a.ts#0', new Map([[two, 1]])],
        ['src/b.ts#0', new Map([[one, 1]])],
      ]),
    );
    for (const file of ['src/a.ts', 'src/b.ts']) {
      const again = place.open(graphOf({ 'src/a.ts': '2', 'src/b.ts': '1', [file]: '3' }));
      expect(again.recall('unit', 'a.test.ts')?.current, file).toEqual(new Set());
    }
    expect(place.open(changed).recall('unit', 'unknown.test.ts')).toBeUndefined();
  });

  test('does not hold when data, or the version, are others', async () => {
    const place = await kept();
    expect(place.open(graphOf({}, 'other data')).recall('unit', 'a.test.ts')).toBeUndefined();
    expect(place.open(graphOf(), 'w').recall('unit', 'a.test.ts')).toBeUndefined();
  });

  test('is remembered with the errors that it may drop', async () => {
    const note: Note = { say: 'swallowed', id: 'src/a.ts#0', test: one, error: 'x' };
    const other: Note = { ...note, test: testKey('unit', 'b.test.ts', 'one') };
    expect((await kept([HIT, note, other])).open().recall('unit', 'a.test.ts')?.swallowed).toEqual([note]);
  });

  test('is looked at again each time where something is red or was lost', async () => {
    const failed: FileOutcome = { ...OUTCOME, tests: [{ test: one, state: 'failed', durationMs: 3, errors: ['x'] }] };
    const places = [
      await kept([HIT], failed),
      await kept([HIT], { ...OUTCOME, errors: ['afterAll failed'] }),
      await kept([HIT, { say: 'unhandled', test: one, error: 'x', at: one }]),
    ];
    for (const place of places) expect(place.open().recall('unit', 'a.test.ts')).toBeUndefined();
  });
});

describe('a verdict', () => {
  const candidate: Candidate = {
    id: 'src/a.ts#0',
    mutation: 'remove',
    tests: ['a.test.ts', 'b.test.ts'].map((file) => ({ test: testKey('', file, 'one'), durationMs: 1 })),
  };
  const files = { 'b.test.ts': '1' };

  async function kept(
    verdict: Verdict['verdict'],
    by: string[],
  ): Promise<(changed?: Record<string, string>) => Verdict | undefined> {
    const place = await folder();
    const memory = place.open(graphOf(files));
    memory.rememberVerdicts([{ ...candidate, verdict, by }]);
    memory.save();
    return (changed = {}) => place.open(graphOf({ ...files, ...changed })).recallVerdict(candidate);
  }

  test('of a mutation that was noticed holds as long as the source and the test that noticed', async () => {
    const recall = await kept('noticed', ['a.test.ts', 'b.test.ts']);
    expect(recall()).toEqual({ ...candidate, verdict: 'noticed', by: ['a.test.ts', 'b.test.ts'] });
    expect(recall({ 'a.test.ts': '2' })).toBeDefined();
    expect(recall({ 'b.test.ts': '2' })).toBeUndefined();
    expect(recall({ 'src/a.ts': '2' })).toBeUndefined();
  });

  test('of a survivor holds as long as all tests that reach it', async () => {
    const recall = await kept('survived', ['a.test.ts', 'b.test.ts']);
    expect(recall()?.verdict).toBe('survived');
    expect(recall({ 'a.test.ts': '2' })).toBeUndefined();
    expect(recall({ 'b.test.ts': '2' })).toBeUndefined();
  });

  test('does not hold when another test reaches it, or the one that noticed no longer does', async () => {
    const place = await folder();
    const memory = place.open(graphOf(files));
    memory.rememberVerdicts([
      { ...candidate, tests: candidate.tests.slice(0, 1), verdict: 'survived', by: ['a.test.ts'] },
      { ...candidate, mutation: 'rethrow', verdict: 'noticed', by: ['b.test.ts'] },
    ]);
    expect(memory.recallVerdict(candidate)).toBeUndefined();
    const fewer = { ...candidate, mutation: 'rethrow' as const, tests: candidate.tests.slice(0, 1) };
    expect(memory.recallVerdict(fewer)).toBeUndefined();
  });

  test('of what was not tried is none', async () => {
    expect((await kept('untried', []))()).toBeUndefined();
  });
});

test.for(['', '{', 'null', '[]', '{"files":{}}', '\0\0'])(
  '%j on the disk is an empty memory, and is mended',
  async (text) => {
    const { at, open } = await folder();
    writeFileSync(path.join(at, 'memory.json'), text);
    const memory = open();
    expect(memory.recall('unit', 'a.test.ts')).toBeUndefined();
    memory.remember({ files: [OUTCOME], notes: mergeNotes([]) });
    memory.save();
    expect(open().recall('unit', 'a.test.ts')).toBeDefined();
  },
);

test('of two runs at once the last one is remembered, whole', async () => {
  const { at, open } = await folder();
  const [first, second] = [open(), open()];
  first.remember({ files: [OUTCOME], notes: mergeNotes([]) });
  second.remember({ files: [{ ...OUTCOME, file: 'b.test.ts' }], notes: mergeNotes([]) });
  first.save();
  second.save();
  expect(() => JSON.parse(readFileSync(path.join(at, 'memory.json'), 'utf8')) as unknown).not.toThrow();
  expect(open().recall('unit', 'b.test.ts')).toBeDefined();
});
