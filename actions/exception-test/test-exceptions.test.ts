import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFixture, type FixtureProject } from './fixture-project.ts';
import type { ExceptionResult } from './result.ts';

const opened: FixtureProject[] = [];

function open(...given: Parameters<typeof openFixture>): FixtureProject {
  const project = openFixture(...given);
  opened.push(project);
  return project;
}

afterAll(() => {
  for (const project of opened) project.close();
});

/** The table of reached.md: executions by `file:line:kind`. */
function reached(): Record<string, number> {
  const text = readFileSync(path.join(import.meta.dirname, 'fixtures', 'kinds', 'project', 'reached.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(src\/\S+:\d+:[a-z-]+)` \| \d+ \| (\d+) \|/gm)];
  return Object.fromEntries(rows.map(([, place = '', count]) => [place, Number(count)]));
}

/** Besides what the fixture has: places of errors, and errors that get lost. */
const MORE = {
  'src/broken.ts': 'export const a = (\n  1,\n  };\n',
  'src/generated.ts': '// @generated\nthrow new Error("never");\n',
  'src/where.ts': `export function here(): Error {
  try { throw new Error('in the process'); } catch (error) { return error as Error; }
}
`,
  'src/where-child.ts': `import { here } from './where.ts';
process.stdout.write(here().stack ?? '');
`,
  'src/drops.ts': `export function drop(): void {
  try { JSON.parse('{'); } catch {}
  // exception-test allow swallowed until 2999-12-31: what is dropped here is no JSON on purpose
  try { JSON.parse('{'); } catch {}
  // exception-test allow swallowed until 2020-12-31: this was to be mended long ago
  try { JSON.parse('{'); } catch {}
}
export function dropWaived(): void {
  // exception-test allow swallowed until 2026-07-30: the last day is today
  try { JSON.parse('{'); } catch {}
}
export async function lose(text: string): Promise<void> {
  await null;
  throw new Error(text);
}
`,
  'src/drops-child.ts': `import { drop, lose } from './drops.ts';
drop();
void lose('lost in a child');
`,
  'tests/more.test.ts': `import { spawnSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { drop, dropWaived, lose } from '../src/drops.ts';
import { here } from '../src/where.ts';

const child = (name) => spawnSync(process.execPath, [import.meta.dirname + '/../src/' + name], { encoding: 'utf8' });

test('an error of woven code is where it is', () => {
  expect(here().stack).toMatch(/src\\/where\\.ts:2:15\\)\\n.*tests\\/more\\.test\\.ts:10:10/);
});
test('and so is one of a child', () => {
  expect(child('where-child.ts').stdout).toMatch(/src\\/where\\.ts:2:\\d+\\)\\n.*src\\/where-child\\.ts:2:/);
});
test('errors are dropped', () => drop());
test('a waived error is dropped', () => dropWaived());
test('a child drops errors', () => {
  expect(child('drops-child.ts').status).toBe(1);
});
test('an error is lost', () => { void lose('lost'); });
test.concurrent('an error is lost in one of two at once', async () => { void lose('lost at once'); await setImmediate(); });
test.concurrent('and not in the other', async () => { await setImmediate(); });
`,
};

describe('level 1 of the fixture', () => {
  let result: ExceptionResult & { red: string[] };
  const ofFixture = (file: string) => !(file in MORE);

  beforeAll(async () => {
    const project = open('kinds/project', { results: ['err', 'Result.err', '{ ok: false }'] });
    for (const [file, text] of Object.entries(MORE)) project.write(file, text);
    result = await project.test();
  }, 120_000);

  const failuresIn = (file: string) =>
    result.failures.filter((failure) => failure.file === file).map(({ line, reason }) => `${line} ${reason}`);

  test('each of its 50 paths is executed as often as was counted by hand, in whatever process', () => {
    const counts = result.tested
      .filter(({ file }) => ofFixture(file))
      .map(({ file, start, kind, count }) => [`${file}:${start.line}:${kind}`, count]);
    expect(counts).toHaveLength(50);
    expect(Object.fromEntries(counts)).toEqual(reached());
  });

  test('a path is told with the tests that reached it', () => {
    const testsOf = (file: string, line: number) =>
      result.tested.find((one) => one.file === file && one.start.line === line)?.tests;
    expect(testsOf('src/children/check.ts', 3)).toEqual([
      'tests/processes.test.ts > a spawned program ends with 4 when a name is too long',
    ]);
    expect(testsOf('src/jobs.ts', 9)?.toSorted()).toEqual([
      'tests/jobs.test.ts > a refused job is quiet',
      'tests/jobs.test.ts > another refused job is quiet at the same time',
    ]);
    // On import, by two files.
    expect(testsOf('src/defaults.ts', 5)?.toSorted()).toEqual(['tests/numbers.test.ts', 'tests/store.test.ts']);
  });

  test('what fails is what no test reaches, and what drops an error', () => {
    const unreached = Object.entries(reached()).flatMap(([place, count]) =>
      count === 0 ? [`${place} unreached`] : [],
    );
    const swallowed = ['src/jobs.ts:9:promise-catch', 'src/numbers.ts:17:catch', 'src/store.ts:27:finally-return'];
    expect(
      result.failures
        .filter(({ file }) => ofFixture(file))
        .map(({ file, line, kind, reason }) => `${file}:${line}:${kind} ${reason}`)
        .sort(),
    ).toEqual([...unreached, ...swallowed.map((place) => `${place} swallowed`)].sort());
  });

  test('woven errors keep their places, or the tests of that would fail', () => {
    expect(result.tested.filter(({ file }) => file === 'src/where.ts').map(({ count }) => count)).toEqual([2, 2]);
  });

  test('a file that does not parse fails by that, though no test loads it; generated code is left out', () => {
    expect(failuresIn('src/broken.ts')).toEqual(['3 unparsed']);
    expect(result.tested.some(({ file }) => file === 'src/generated.ts')).toBe(false);
  });

  test('a dropped error fails, but for a waiver that still holds', () => {
    expect(failuresIn('src/drops.ts')).toEqual(['2 swallowed', '5 waiver-expired', '6 swallowed', '14 unhandled']);
    expect(result.tested.filter(({ waived }) => waived !== undefined).map(({ start }) => start.line)).toEqual([4, 10]);
  });

  test('a test in which an error is dropped is red, though it saw nothing itself', () => {
    expect(result.red.sort()).toEqual([
      'a refused job is quiet',
      'an error is lost',
      'an error is lost in one of two at once',
      'another refused job is quiet at the same time',
      'errors are dropped',
      'ten thousand words that are no numbers are left out',
      'the last of the rows is given up for another',
    ]);
  });

  test('each error that is dropped, and each rejection that nobody takes, is told of the test that it is of', () => {
    const told = result.failures.filter(({ file, reason }) => file === 'src/drops.ts' && !reason.startsWith('waiver'));
    for (const { message } of told)
      expect(message).toMatch(/\(in tests\/more\.test\.ts > (errors are dropped|an error is lost)/);
    expect(result.tested.filter(({ file }) => file === 'src/drops.ts').map(({ count }) => count)).toEqual([
      2, 2, 2, 1, 3,
    ]);
  });
});

describe('what keeps the command from its work', () => {
  test('is said with the failing test where the tests are red', async () => {
    const { status, stderr, json } = await open('projects/red', {}).command(['--level', '1']);
    expect(status).toBe(2);
    expect(json).toMatchObject({ outcome: 'error', code: 'TESTS_RED' });
    expect(json.message).toContain('tests/discount.test.ts > half a cent is rounded up, which is not so: ');
    expect(stderr).toContain('TESTS_RED: The tests fail as they are:');
  });

  test('is said where there is no vitest', async () => {
    const { status, json } = await open('projects/no-vitest').command([]);
    expect(status).toBe(2);
    expect(json).toMatchObject({
      code: 'VITEST_MISSING',
      message: expect.stringContaining('There is no vitest in ') as string,
    });
    expect(json.hint).toContain('npm install --save-dev vitest');
  });

  test('is said with the project that has no plugin', async () => {
    const project = open('projects/monorepo', {});
    project.write(
      'own.vitest.config.ts',
      `export default { test: { projects: [
        { extends: true, test: { name: 'orders', root: 'packages/orders' } },
        { extends: false, test: { name: 'stock', root: 'packages/stock' } },
      ] } };\n`,
    );
    const { status, json } = await project.command([]);
    expect(status).toBe(2);
    expect(json).toMatchObject({
      code: 'PLUGIN_MISSING',
      message: 'The plugin is not in the configuration of the vitest project "stock".',
    });
    expect(existsSync(path.join(project.root, 'node_modules'))).toBe(true);
  });
});

test('what a plain run has counted, the command need not run again; a project that was not named is', async () => {
  const project = open('projects/monorepo', { onPlainRun: false });
  const ran = async (name: string) => {
    const { stderr } = await project.command(['--level', '1', '--project', name]);
    return /^level 1: (\d+ of \d+) test files are run/m.exec(stderr)?.[1];
  };
  const { status, stdout, stderr } = await project.plainRun({ EXCEPTION_TEST_REMEMBER: 'orders' });
  expect(status, stderr).toBe(0);
  // It does not judge, as the plugin was told.
  expect(stdout).not.toContain('Error paths');
  expect(await ran('orders')).toMatch(/^0 of [1-9]/);
  expect(await ran('stock')).toMatch(/^([1-9]\d*) of \1$/);
});
