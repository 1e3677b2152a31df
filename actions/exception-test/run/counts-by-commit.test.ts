import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { countsOf, keepCounts } from './counts-by-commit.ts';

const COUNTS = { src: { paths: 3, reached: 2, survivors: 1, notTried: 0, waived: 0 } };

test('counts are those of a commit and a level', async () => {
  const cache = await temporaryFolder();
  keepCounts(cache, 'abc', 2, COUNTS);
  expect(countsOf(cache, 'abc', 2)).toEqual(COUNTS);
  expect(countsOf(cache, 'abc', 1)).toBeUndefined();
  expect(countsOf(cache, 'def', 2)).toBeUndefined();
});

test('counts that cannot be read are not known', async () => {
  const cache = await temporaryFolder();
  keepCounts(cache, 'abc', 1, COUNTS);
  writeFileSync(path.join(cache, 'counts', 'abc-1.json'), '{');
  expect(countsOf(cache, 'abc', 1)).toBeUndefined();
});
