import path from 'node:path';
import { expect, test } from 'vitest';
import { homeAt } from '../../pipelines/adapters/home.ts';
import { writeReport } from '../../pipelines/adapters/report-file.ts';
import { sampleReport } from '../../tests/support/sample-report.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { lastReport } from './story.ts';

test('a story whose loop leaves no report has no end', async () => {
  const home = homeAt(await temporaryFolder());
  await expect(lastReport(home, 'shop')).rejects.toThrow('The loop has turned, but left no report.');
  await writeReport(home, sampleReport(), path.join(home.work, 'report'));
  expect(await lastReport(home, 'shop')).toEqual(sampleReport());
});
