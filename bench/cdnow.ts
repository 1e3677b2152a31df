import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { homeAt } from '../pipelines/adapters/home.ts';
import { cdnowFolder, rollMonths } from '../tests/real/roll-months.ts';
import { printBench } from './print.ts';

if (cdnowFolder() === undefined) {
  process.stderr.write(
    'The real purchases are not here. Set CLEAVER_CDNOW to the folder of CDNOW_master.txt; see docs/real-data.md.\n',
  );
  process.exit(2);
}
const root = await mkdtemp(path.join(tmpdir(), 'cleaver-cdnow-'));
try {
  const months = await rollMonths(homeAt(root), (text) => process.stderr.write(`${text}\n`));
  printBench(
    { months },
    months.map(({ month, rows, ...aucs }) => ({ month, rows, ...aucs })),
  );
} finally {
  await rm(root, { recursive: true });
}
