import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { samplePath, sampleFailure } from '../report/sample-result.ts';
import type { Failure } from '../result.ts';
import { holdBaseline } from './hold-baseline.ts';

const unreached = (file: string): Failure => sampleFailure({ file, message: 'No test reaches `throw a;`.' });
const survivor = (file: string): Failure => sampleFailure({ file, reason: 'survivor', message: 'Of `throw b;`.' });

async function written(failures: readonly Failure[]): Promise<string> {
  const file = path.join(await temporaryFolder(), 'exceptions.json');
  expect(holdBaseline(file, failures, 'write')).toEqual([]);
  return file;
}

const linesOf = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as string[];

test('a baseline is written once, and then lets through what it holds', async () => {
  const file = await written([unreached('a.ts'), survivor('a.ts')]);
  expect(linesOf(file)).toEqual(['a.ts throw survivor: throw b;', 'a.ts throw unreached: throw a;']);
  expect(holdBaseline(file, [unreached('a.ts'), unreached('b.ts'), survivor('a.ts')], 'hold')).toEqual([
    unreached('b.ts'),
  ]);
});

test('it is not written again, as it may not grow', async () => {
  const file = await written([unreached('a.ts')]);
  expect(() => holdBaseline(file, [unreached('b.ts')], 'write')).toThrow(
    expect.objectContaining({ code: 'BASELINE_INVALID', hint: expect.stringContaining('--shrink-baseline') as string }),
  );
  expect(linesOf(file)).toHaveLength(1);
});

test('a line that is not needed any more fails, until it is taken out', async () => {
  const file = await written([unreached('a.ts'), unreached('a.ts'), unreached('b.ts')]);
  expect(holdBaseline(file, [unreached('a.ts')], 'hold')).toMatchObject([
    {
      file: 'exceptions.json',
      line: 1,
      kind: 'waiver',
      reason: 'waiver-unused',
      message: expect.stringMatching(/^2 lines /) as string,
    },
  ]);
  expect(holdBaseline(file, [unreached('a.ts'), unreached('c.ts')], 'shrink')).toEqual([unreached('c.ts')]);
  expect(linesOf(file)).toEqual(['a.ts throw unreached: throw a;']);
  expect(holdBaseline(file, [unreached('a.ts')], 'hold')).toEqual([]);
});

test('what a run did not look at is still needed', async () => {
  const file = await written([unreached('a.ts'), survivor('a.ts'), unreached('b.ts')]);
  const isJudged = (name: string) => name === 'a.ts';
  expect(holdBaseline(file, [unreached('a.ts'), unreached('b.ts')], 'hold', { level: 1 })).toEqual([]);
  expect(holdBaseline(file, [unreached('a.ts'), survivor('a.ts')], 'shrink', { isJudged })).toEqual([]);
  const tested = [samplePath({ file: 'a.ts', notTried: ['remove'] })];
  expect(holdBaseline(file, [unreached('a.ts'), unreached('b.ts')], 'shrink', { level: 2, tested })).toEqual([]);
  expect(linesOf(file)).toHaveLength(3);
  holdBaseline(file, [], 'shrink', { level: 2, isJudged });
  expect(linesOf(file)).toEqual(['b.ts throw unreached: throw a;']);
});

test('a line that says nothing is not needed', async () => {
  const file = await written([]);
  writeFileSync(file, '["of another time"]');
  expect(holdBaseline(file, [], 'hold')).toHaveLength(1);
});

test.for([
  ['no file', undefined],
  ['no JSON', '[\n'],
  ['no list', '{"a": []}'],
  ['no list of texts', '[1]'],
] as const)('%s is no baseline', async ([, text]) => {
  const file = path.join(await temporaryFolder(), 'exceptions.json');
  if (text !== undefined) writeFileSync(file, text);
  expect(() => holdBaseline(file, [], 'hold')).toThrow(expect.objectContaining({ code: 'BASELINE_INVALID' }));
});
