import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { homeAt } from '../../pipelines/adapters/home.ts';
import { cdnowFolder, rollMonths } from './roll-months.ts';

const isMissing = cdnowFolder() === undefined;
if (isMissing && process.env['CI']) throw new Error('CLEAVER_CDNOW must name the folder of CDNOW_master.txt in CI.');

const title = 'real purchases, rolled month by month, are predicted better than by recency, frequency, or both';
test.skipIf(isMissing)(
  isMissing ? `${title} (skipped: CDNOW_master.txt is not here, see docs/real-data.md)` : title,
  async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'cleaver-cdnow-'));
    try {
      const months = await rollMonths(homeAt(root), () => undefined);
      expect(months.length).toBeGreaterThanOrEqual(10);
      for (const { month, rows, auc, recencyAuc, frequencyAuc } of months) {
        expect.soft(rows, month).toBe(23_544);
        expect.soft(auc, month).toBeGreaterThan(recencyAuc);
        expect.soft(auc, month).toBeGreaterThan(frequencyAuc);
      }
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(mean(months.map(({ auc }) => auc))).toBeGreaterThan(
        mean(months.map(({ recencyFrequencyAuc }) => recencyFrequencyAuc)),
      );
    } finally {
      await rm(root, { recursive: true });
    }
  },
);
