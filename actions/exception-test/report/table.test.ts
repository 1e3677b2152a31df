import { describe, expect, test } from 'vitest';
import type { Counts } from '../result.ts';
import { samplePath, sampleResult } from './sample-result.ts';
import { folderTable, markdownFolderTable, textTable } from './table.ts';

const tested = [
  samplePath(),
  samplePath({ count: 0 }),
  samplePath({ survivors: ['remove'] }),
  samplePath({ file: 'service/app.ts', notTried: ['remove'] }),
];
const base: Record<string, Counts> = {
  'actions/etl': { paths: 3, reached: 1, survivors: 2, notTried: 0, waived: 0 },
  'actions/gone': { paths: 4, reached: 4, survivors: 0, notTried: 0, waived: 0 },
};

test('a terminal gets columns that stand in line', () => {
  expect(textTable(sampleResult(tested)).split('\n')).toEqual([
    'Folder       Paths    Reached  Asserted  Survivors  Not tried  Waived',
    '─────────────────────────────────────────────────────────────────────',
    'actions/etl      3   2 (66 %)  1 (33 %)          1          0       0',
    'service          1  1 (100 %)   0 (0 %)          0          1       0',
    '─────────────────────────────────────────────────────────────────────',
    'all              4   3 (75 %)  1 (25 %)          1          1       0',
    '',
  ]);
});

test('level 1 says nothing of mutations, for none was tried', () => {
  expect(folderTable(sampleResult(tested, { level: 1 })).head).toEqual(['Paths', 'Reached', 'Waived']);
});

test('no path at all is a table of zeros', () => {
  expect(textTable(sampleResult([]))).toMatch(/^all +0 +0 \(–\)/m);
});

describe('against a base', () => {
  const text = textTable(sampleResult(tested, { base }));

  test('each number says how it moved', () => {
    expect(text).toMatch(/^actions\/etl +3 ±0 +2 \(66 %\) ▲ 1 +1 \(33 %\) +1 ▼ 1 +0 ±0 +0 ±0$/m);
  });

  test('a folder that was not there is new', () => {
    expect(text).toMatch(/^service +1 new +1 \(100 %\) +0 \(0 %\) +0 +1 +0$/m);
  });

  test('the total counts folders that are gone', () => {
    expect(text).toMatch(/^all +4 ▼ 3 +3 \(75 %\) ▼ 2 /m);
  });

  test('a folder with the name of a property of all objects is new too', () => {
    const odd = sampleResult([samplePath({ file: 'constructor/a.ts' })], { base });
    expect(textTable(odd)).toMatch(/^constructor +1 new/m);
  });
});

test('Markdown has the same cells, the total in bold', () => {
  const lines = markdownFolderTable(sampleResult(tested, { base })).trimEnd().split('\n');
  expect(lines[1]).toBe('| :- | -: | -: | -: | -: | -: | -: |');
  expect(lines[2]).toBe('| actions/etl | 3 ±0 | 2 (66 %) ▲ 1 | 1 (33 %) | 1 ▼ 1 | 0 ±0 | 0 ±0 |');
  expect(lines.at(-1)).toMatch(/^\| \*\*all\*\* \| \*\*4 ▼ 3\*\* \|/);
});

test('a folder cannot break out of its cell', () => {
  expect(markdownFolderTable(sampleResult([samplePath({ file: 'a|b/<img>/c.ts' })]))).toContain('| a\\|b/\\<img\\> |');
});
