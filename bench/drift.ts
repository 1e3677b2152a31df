import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { printBench } from './print.ts';

/** What continuous training is worth: the same scenario lived twice, with and without retraining. */
interface Story {
  champion: { auc: number; bestPossibleAuc: number };
  drift: { day: string; aucBefore: number; aucAfter: number; aucRecovered: number };
  gates: { promoted: number };
}

const CASES = { 'with retraining': [], 'without retraining': ['--no-retrain'] };

async function live(options: readonly string[]): Promise<Story> {
  const home = await mkdtemp(path.join(tmpdir(), 'cleaver-drift-'));
  try {
    const cli = path.join(import.meta.dirname, '..', 'pipelines', 'cli.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'up', '--once', '--json', ...options], {
      env: { ...process.env, CLEAVER_HOME: home },
      maxBuffer: 1e8,
    });
    return JSON.parse(stdout) as Story;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const rows = [];
for (const [name, options] of Object.entries(CASES)) {
  const { champion, drift, gates } = await live(options);
  const { aucBefore, aucAfter, aucRecovered: aucAtEnd } = drift;
  rows.push({
    case: name,
    aucBefore,
    aucAfter,
    aucAtEnd,
    bestPossibleAucAtEnd: champion.bestPossibleAuc,
    promoted: gates.promoted,
  });
}
const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
printBench({ name: 'drift', date: new Date().toISOString().slice(0, 10), machine, rows }, rows);
