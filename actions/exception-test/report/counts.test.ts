import { expect, test } from 'vitest';
import { countAll, countByFolder, folderOf, isAsserted, percent, sumCounts } from './counts.ts';
import { samplePath } from './sample-result.ts';

const waived = { reason: 'The disk cannot be filled.', until: '2027-01-01' };

test('a folder is the first two that a file is in', () => {
  expect(folderOf('pipelines/steps/watch/run.ts')).toBe('pipelines/steps');
  expect(folderOf('actions/etl/main.ts')).toBe('actions/etl');
  expect(folderOf('pipelines/config.ts')).toBe('pipelines');
  expect(folderOf('vitest.config.ts')).toBe('.');
});

test('folders stand in the order of their names, each with its own counts', () => {
  const counts = countByFolder([
    samplePath({ file: 'service/app.ts', count: 0 }),
    samplePath({ file: 'index.ts', survivors: ['remove'] }),
    samplePath({ file: 'service/server.ts' }),
  ]);
  expect(Object.keys(counts)).toEqual(['.', 'service']);
  expect(counts).toMatchObject({ '.': { paths: 1, survivors: 1 }, service: { paths: 2, reached: 1, survivors: 0 } });
});

test('a waived path is reached where it was executed, and is no survivor', () => {
  const counts = countAll([
    samplePath({ waived, count: 0 }),
    samplePath({ waived, count: 3, survivors: ['remove'], notTried: ['rethrow'] }),
  ]);
  expect(counts).toEqual({ paths: 2, reached: 1, survivors: 0, notTried: 0, waived: 2 });
});

test('the folders add up to the whole', () => {
  const tested = [samplePath({ file: 'a/b.ts' }), samplePath({ notTried: ['remove'] }), samplePath({ count: 0 })];
  expect(sumCounts(Object.values(countByFolder(tested)))).toEqual(countAll(tested));
  expect(sumCounts([])).toEqual(countAll([]));
});

test('a path is asserted once each of its mutations was tried and noticed', () => {
  expect(isAsserted(samplePath())).toBe(true);
  expect(isAsserted(samplePath({ mutations: [] }))).toBe(true);
  expect(isAsserted(samplePath({ count: 0 }))).toBe(false);
  expect(isAsserted(samplePath({ survivors: ['remove'] }))).toBe(false);
  expect(isAsserted(samplePath({ notTried: ['remove'] }))).toBe(false);
});

test('100 % is said of all only', () => {
  expect(percent(999, 1000)).toBe('99 %');
  expect(percent(1000, 1000)).toBe('100 %');
  expect(percent(0, 0)).toBe('–');
});
