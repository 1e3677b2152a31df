import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runAct, type ActRun } from './act.ts';
import { noAct } from './component.ts';
import { copyProject, CORE_ONLY, type Project } from './project.ts';

async function push(project: Project, before: string): Promise<ActRun> {
  return await runAct({ folder: project.folder, event: 'push', workflow: 'main.yml', payload: project.push(before) });
}

function results(run: ActRun): Record<string, string> {
  return Object.fromEntries(Object.entries(run.jobs).map(([name, { result }]) => [name, result]));
}

async function smallProject(): Promise<{ project: Project; before: string }> {
  const project = copyProject(await temporaryFolder());
  const files: Record<string, string> = {};
  for (const [file, change] of Object.entries(CORE_ONLY)) {
    const text = await readFile(path.join(project.folder, file), 'utf8');
    files[file] = change(text);
    expect(files[file]).not.toBe(text);
  }
  return { project, before: project.commit('test: look at core only', files) };
}

/** As long as there is nothing to deploy to. */
const LANDED = { off: 'success' };
const GOOD = { commits: 'success', check: 'success', test: 'success', exceptions: 'success', 'ci-ok': 'success' };
const errors = (run: ActRun, job: string) => run.jobs[job]?.annotations.filter(({ level }) => level === 'error');

describe.skipIf(noAct)(`ci.yml, as main.yml calls it${noAct ? ` (${noAct})` : ''}`, () => {
  test('is green for a good commit, and ends there where there is nothing to deploy to', async () => {
    const { project, before } = await smallProject();
    project.commit('docs: say where the licence is', { 'docs/licence.md': 'See [LICENSE](../LICENSE).\n' });
    const run = await push(project, before);
    expect(results(run), run.log).toEqual({ ...GOOD, ...LANDED });
  });

  test('is red at a bad commit message, with its remedy, and at a type error, at its line', async () => {
    const { project, before } = await smallProject();
    project.commit('Fixed the Login.', { 'bench/wrong.ts': "export const count: number = 'one';\n" });
    const run = await push(project, before);
    expect(results(run), run.log).toEqual({ ...GOOD, commits: 'failure', check: 'failure', 'ci-ok': 'failure' });
    expect(errors(run, 'commits')).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/Fixed the Login\.[\s\S]*fix: /) as string }),
    );
    expect(run.jobs['check']?.failedSteps).toContain('types');
    expect(errors(run, 'check')).toContainEqual({
      level: 'error',
      message: "Type 'string' is not assignable to type 'number'.",
      properties: { file: 'bench/wrong.ts', line: '1', col: '14', title: 'TS2322' },
    });
  });

  test('is red at the tests for a failing one, which is annotated at its line', async () => {
    const { project, before } = await smallProject();
    const wrong = `import { expect, test } from 'vitest';\n\ntest('one is two', () => {\n  expect(1).toBe(2);\n});\n`;
    project.commit('test: hope for the best', { 'pipelines/core/hope.test.ts': wrong });
    const run = await push(project, before);
    expect(results(run), run.log).toEqual({ ...GOOD, test: 'failure', exceptions: 'failure', 'ci-ok': 'failure' });
    expect(errors(run, 'test')).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/expected 1 to be 2/) as string,
        properties: expect.objectContaining({
          file: expect.stringMatching(/pipelines\/core\/hope\.test\.ts$/) as string,
          line: '4',
        }) as object,
      }),
    );
  });

  test('is red at the error paths for a throw that no test reaches and an error that is swallowed, at their lines', async () => {
    const { project, before } = await smallProject();
    project.commit('feat: halve numbers, and try things', {
      'pipelines/core/half.ts': `/** Half of an even number. */
export function half(number: number): number {
  if (number % 2 !== 0) throw new RangeError(\`\${number} is odd\`);
  return number / 2;
}
`,
      'pipelines/core/half.test.ts': `import { expect, test } from 'vitest';
import { half } from './half.ts';

test('half of four is two', () => {
  expect(half(4)).toBe(2);
});
`,
      'pipelines/core/attempt.ts': `/** Tries, and does not mind. */
export async function attempt(work: () => Promise<void>): Promise<void> {
  await work().catch(() => undefined);
}
`,
      'pipelines/core/attempt.test.ts': `import { expect, test } from 'vitest';
import { attempt } from './attempt.ts';

test('a failure is no failure', async () => {
  await expect(attempt(() => Promise.reject(new Error('no room')))).resolves.toBeUndefined();
});
`,
    });
    const run = await push(project, before);
    expect(results(run), run.log).toEqual({ ...GOOD, exceptions: 'failure', 'ci-ok': 'failure' });
    expect(errors(run, 'exceptions')).toContainEqual({
      level: 'error',
      message: expect.stringMatching(/No test reaches[\s\S]*Call `half` so that `number % 2 !== 0` is true/) as string,
      properties: { title: 'unreached: throw', file: 'pipelines/core/half.ts', line: '3' },
    });
    expect(errors(run, 'exceptions')).toContainEqual({
      level: 'error',
      message: expect.stringMatching(/drops an error: Error: no room[\s\S]*a failure is no failure/) as string,
      properties: { title: 'swallowed: promise-catch', file: 'pipelines/core/attempt.ts', line: '3' },
    });
  });
});
