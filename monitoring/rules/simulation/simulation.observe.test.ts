import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noProgram } from '../../component.ts';
import type { Subject } from '../alert.ts';
import { ruleFiles } from '../files.ts';
import { INCIDENTS } from './incidents.ts';
import { MONTHS, promtoolMonth } from './promtool-month.ts';

const run = promisify(execFile);
/** Of the service every rule looks back three days, 8640 times. */
const MINUTES_15 = { timeout: 900_000 };
const missing = noProgram('promtool');

describe.skipIf(missing)(`a month of incidents${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'month-'));
    await mkdir(path.join(folder, 'rules'));
    for (const [file, text] of Object.entries(ruleFiles())) await writeFile(path.join(folder, file), text);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const subjects = Object.keys(MONTHS) as (keyof typeof MONTHS)[];
  test.each(subjects)(
    'of the %s sets off what it should, and nothing else at any time',
    MINUTES_15,
    async (subject) => {
      expect(await inPromtool(subject)).toContain('SUCCESS');
    },
  );

  test('an incident that nobody is told of, and one that nobody should be, are noticed', async () => {
    const runner = INCIDENTS.map((incident) =>
      incident.effect.runnerOff ? { ...incident, alerts: incident.minutes > 60 ? [] : ['RunnerOffline'] } : incident,
    );
    const told = await inPromtool('pipeline', runner).catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 1 });
    expect((told as { stderr: string }).stderr.match(/RunnerOffline/g)?.length).toBeGreaterThanOrEqual(2);
  });

  async function inPromtool(subject: keyof typeof MONTHS & Subject, incidents = INCIDENTS): Promise<string> {
    const file = path.join(folder, `${subject}.yaml`);
    await writeFile(file, promtoolMonth(subject, path.join(folder, 'rules', `${subject}.yaml`), incidents));
    const { stdout } = await run('promtool', ['test', 'rules', file], { maxBuffer: 64 * 1024 ** 2 });
    return stdout;
  }
});
