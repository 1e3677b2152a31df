import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runAction, type ActionRun } from '../../tests/support/run-action.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';

const REPOSITORY = path.join(import.meta.dirname, '..', '..');

const SOURCE = `export function half(number: number): number {
  if (number % 2 !== 0) throw new RangeError(\`\${number} is odd\`);
  return number / 2;
}
`;
const EVEN = `import { expect, test } from 'vitest';
import { half } from './half.ts';

test('half of four is two', () => {
  expect(half(4)).toBe(2);
});
`;
const ODD = `
test('three has no half', () => {
  expect(() => half(3)).toThrow('3 is odd');
});
`;

/** A project with one error path, which is the folder of the action. */
async function projectWith(tests: string): Promise<(run?: ActionRun) => ReturnType<typeof runAction>> {
  const root = await temporaryFolder();
  await mkdir(path.join(root, 'checkout'));
  await symlink(path.join(REPOSITORY, 'node_modules'), path.join(root, 'node_modules'));
  const plugin = JSON.stringify(path.join(import.meta.dirname, 'index.ts'));
  await Promise.all([
    writeFile(path.join(root, 'package.json'), '{ "type": "module" }'),
    writeFile(
      path.join(root, 'vitest.config.ts'),
      `import { exceptionTest } from ${plugin};\nexport default { plugins: [exceptionTest({ include: ['half.ts'] })] };\n`,
    ),
    writeFile(path.join(root, 'half.ts'), SOURCE),
    writeFile(path.join(root, 'half.test.ts'), tests),
  ]);
  return async (run = {}) => {
    const env = { EXCEPTION_TEST_CACHE: path.join(root, 'cache'), ...run.env };
    return await runAction(root, 'exception-test', { ...run, env });
  };
}

test('a project whose paths are asserted passes, with the counts as outputs and a table', async () => {
  const run = await projectWith(EVEN + ODD);
  const { status, outputs, summary, annotations, log } = await run();
  expect(status, log).toBe(0);
  expect(outputs).toEqual({
    outcome: 'passed',
    paths: '1',
    reached: '1',
    survivors: '0',
    'not-tried': '0',
    waived: '0',
  });
  expect(summary).toMatch(/\|.*1 \(100 %\)/);
  expect(annotations).toEqual([]);
});

test('a path that no test reaches fails the step, and is annotated at its line with the way to reach it', async () => {
  const run = await projectWith(EVEN);
  const { status, outputs, annotations, summary } = await run({ inputs: { report: 'report' } });
  expect(status).toBe(2);
  expect(outputs).toMatchObject({ outcome: 'failed', paths: '1', reached: '0' });
  expect(outputs['error']).toMatch(/^EXCEPTIONS_UNTESTED: Error paths are not tested: 1 unreached path/);
  expect(annotations).toContainEqual({
    level: 'error',
    message: expect.stringMatching(/No test reaches[\s\S]*so that `number % 2 !== 0` is true/) as string,
    properties: { title: 'unreached: throw', file: 'half.ts', line: '2' },
  });
  expect(summary).toContain('https://github.com/owner/shop/blob/');
});

test('the reports are written where they are wanted', async () => {
  const run = await projectWith(EVEN);
  const folder = await temporaryFolder();
  await run({ inputs: { report: folder, level: '1' } });
  const page = await readFile(path.join(folder, 'index.html'), 'utf8');
  expect(page).toContain('number % 2 !== 0');
  for (const name of ['exceptions.sarif', 'badge.json', 'exceptions.json']) {
    expect(JSON.parse(await readFile(path.join(folder, name), 'utf8')), name).toBeTypeOf('object');
  }
  expect(existsSync(path.join(folder, 'badge.svg'))).toBe(true);
});

test('a red test is said with its name, and is no failure of ours', async () => {
  const run = await projectWith(`${EVEN}\ntest('one is two', () => {\n  expect(1).toBe(2);\n});\n`);
  const { status, outputs } = await run();
  expect(status).toBe(2);
  expect(outputs['error']).toMatch(/^TESTS_RED: [\s\S]*one is two[\s\S]*npx vitest run/);
});

test.for([
  [{ level: '4' }, /level/],
  [{ 'budget-seconds': '0' }, /budget-seconds: must be a whole number of seconds/],
  [{ projects: 'slow' }, /vitest has no project slow/],
] as const)('%j is refused with what to do', async ([inputs, message]) => {
  const run = await projectWith(EVEN);
  const { status, outputs } = await run({ inputs });
  expect(status).toBe(2);
  expect(outputs['error']).toMatch(/^OPTION_INVALID/);
  expect(outputs['error']).toMatch(message);
});

test('the event names the base; one that is not there is no error', async () => {
  const run = await projectWith(EVEN + ODD);
  const sha = 'a'.repeat(40);
  const pullRequest = { pull_request: { number: 1, base: { sha }, head: { sha } } };
  expect((await run({ event: { name: 'pull_request', payload: pullRequest } })).status).toBe(0);
  expect((await run({ event: { name: 'push', payload: { before: '0'.repeat(40) } } })).status).toBe(0);
});
