import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noProgram } from '../component.ts';
import { THRESHOLDS } from '../thresholds.ts';
import { alerts } from './alerts.ts';
import { CASES } from './cases/cases.ts';
import { promtoolTest } from './cases/promtool-tests.ts';
import { ruleFiles } from './files.ts';

const run = promisify(execFile);
const missing = noProgram('promtool');

describe.skipIf(missing)(`the rules in promtool${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rules-'));
    for (const scale of ['usual', 'fast']) await mkdir(path.join(folder, scale, 'rules'), { recursive: true });
    for (const [scale, timeScale] of [['usual', 1] as const, ['fast', 60] as const]) {
      for (const [file, text] of Object.entries(ruleFiles({ timeScale }))) {
        await writeFile(path.join(folder, scale, file), text);
      }
    }
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test.each(['usual', 'fast'])('are valid in their %s form', async (scale) => {
    const files = Object.keys(ruleFiles()).map((file) => path.join(folder, scale, file));
    const { stdout } = await run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...files]);
    expect(stdout.match(/SUCCESS/g)).toHaveLength(files.length);
  });

  test.each(alerts.filter(({ name }) => name in CASES))('$name fires, ends, and keeps quiet', async ({ name }) => {
    expect(await tried(name)).toContain('SUCCESS');
  });

  test('one that says something else than it should is noticed', async () => {
    await expect(tried('ServiceDown', (text) => text.replaceAll('does not answer', 'is well'))).rejects.toThrow(
      'Command failed: promtool test rules',
    );
  });

  test('so is one that has fired by the time it is looked at', async () => {
    const outage = 'values: 1x2 0x8 1x10';
    await expect(
      tried('ServiceDown', (text) =>
        text.replace(/keeps quiet when [^]*$/, (quiet) => quiet.replaceAll(/values: .*/g, outage)),
      ),
    ).rejects.toThrow('Command failed: promtool test rules');
  });

  test.each(['ServiceFailingFast', 'ServiceSlowFast'])('without its guard %s pages at low traffic', async (name) => {
    const rules = ruleFiles()['rules/service.yaml'] ?? '';
    const unguarded = path.join(folder, 'unguarded.yaml');
    await writeFile(unguarded, rules.replaceAll(`>= ${THRESHOLDS.minimumRequests})`, '>= 0)'));
    await expect(tried(name, (text) => text.replace(/^ {2}- .*service.yaml$/m, `  - ${unguarded}`))).rejects.toThrow(
      'Command failed: promtool test rules',
    );
  });

  /** Its case in promtool, or what `change` makes of that. */
  async function tried(name: string, change = (text: string) => text): Promise<string> {
    const alert = alerts.find((each) => each.name === name);
    const given = CASES[name];
    if (alert === undefined || given === undefined) throw new Error(`There is no case of ${name}.`);
    const file = path.join(folder, `${name}.yaml`);
    const text = promtoolTest(alert, given, path.join(folder, 'usual', 'rules', `${alert.subject}.yaml`));
    await writeFile(file, change(text));
    const { stdout } = await run('promtool', ['test', 'rules', file]);
    return stdout;
  }
});
