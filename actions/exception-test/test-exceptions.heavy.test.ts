import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitRepository } from '../../tests/support/git-repository.ts';
import { openFixture, type Commanded, type FixtureProject } from './fixture-project.ts';
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

/** What a run said that it does, as `level: n of m`. */
function done({ stderr }: Commanded): Record<string, string> {
  const lines = [...stderr.matchAll(/^level (\d): (\d+ of \d+) (?:test files are run|mutations are tried)/gm)];
  return Object.fromEntries(lines.map(([, level = '', count = '']) => [level, count]));
}

const placesOf = ({ failures }: Pick<ExceptionResult, 'failures'>, reason: string) =>
  failures.filter((failure) => failure.reason === reason).map(({ file, line }) => `${file}:${line}`);

/** Processes that were started for a project and are still there, where that can be looked up. */
function processesOf({ root }: FixtureProject): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').filter((id) => {
    try {
      return readFileSync(`/proc/${id}/environ`, 'utf8').includes(path.dirname(root));
    } catch {
      // It has ended, is another's, or is no process.
      return false;
    }
  });
}

describe('level 2 of the fixture', () => {
  const weak = `export function quiet(text: string): string[] {
  const told: string[] = [];
  try {
    JSON.parse(text);
  } catch (error) {
    told.push(String(error));
  }
  return told;
}
export function strict(text: string): string {
  if (text === '') throw new Error('empty');
  return text;
}
export function loud(text: string): string {
  if (text === '') throw new RangeError('empty');
  return text;
}
`;
  const tests = `import { expect, test } from 'vitest';
import { loud, quiet, strict } from '../src/weak.ts';

test('it does not throw, and what it answers is not looked at', () => { quiet('{'); });
test('it throws or not', () => { try { strict(''); } catch {} });
test('it throws', () => { expect(() => loud('')).toThrow(RangeError); });
`;
  let project: FixtureProject;
  let hurried: ExceptionResult;
  let result: ExceptionResult;

  beforeAll(async () => {
    project = open('kinds/project', { results: ['err', 'Result.err', '{ ok: false }'] });
    project.write('src/weak.ts', weak);
    project.write('tests/weak.test.ts', tests);
    hurried = await project.test({ level: 2, budgetSeconds: 1 });
    result = await project.test({ level: 2 });
  }, 600_000);

  test('a mutation survives where the tests do not assert, and only there', () => {
    expect(placesOf(result, 'survivor')).toEqual(['src/weak.ts:5', 'src/weak.ts:11']);
    const survivorsAt = (line: number) =>
      result.tested.find(({ file, start }) => file === 'src/weak.ts' && start.line === line)?.survivors;
    expect(survivorsAt(5)).toEqual(['remove']);
    expect(survivorsAt(11)).toEqual(['remove']);
    expect(survivorsAt(15)).toEqual([]);
    expect(result).toMatchObject({ paths: 53, reached: 34, survivors: 2 });
  });

  test('the verdicts of children, workers and imports are those of the tests that started them', () => {
    const asserted = [
      'src/children/check.ts:3',
      'src/children/in-worker.mjs:8',
      'src/children/killed.mjs:5',
      'src/defaults.ts:5',
    ];
    const found = result.tested.filter(({ file, start }) => asserted.includes(`${file}:${start.line}`));
    expect(
      found.map(({ count, survivors, notTried }) => count > 0 && survivors.length + notTried.length === 0),
    ).toEqual(asserted.map(() => true));
  });

  test('where a test that drops an error is needed by those after it, nothing is said', () => {
    expect(
      result.tested.filter(({ notTried }) => notTried.length > 0).map(({ file, start }) => `${file}:${start.line}`),
    ).toEqual(['src/store.ts:8', 'src/store.ts:18']);
    expect(result.notTried).toBe(2);
  });

  test('what there is no time for is counted as not tried, and what was is not forgotten', () => {
    expect(hurried.notTried).toBeGreaterThan(result.notTried);
    expect(hurried).toMatchObject({ paths: 53, reached: 34 });
    const untried = new Set(hurried.tested.filter(({ notTried }) => notTried.length > 0).map(({ id }) => id));
    for (const { id, count, mutations, survivors } of hurried.tested) {
      if (survivors.length > 0) expect(result.tested.find((one) => one.id === id)?.survivors, id).toEqual(survivors);
      if (untried.has(id)) expect(count > 0 && mutations.length > 0, id).toBe(true);
    }
  });
});

test('a mutant that hangs is noticed, says nothing of others in its round, and leaves no process', async () => {
  const project = open('projects/hangs', {});
  project.write('src/calm.ts', 'export function calm(): void {\n  throw new Error("calm");\n}\n');
  project.write(
    'tests/calm.test.ts',
    `import { test } from 'vitest';\nimport { calm } from '../src/calm.ts';\ntest('calm', () => { try { calm(); } catch {} });\n`,
  );
  const { status, json } = await project.command([]);
  expect(status).toBe(2);
  expect(json).toMatchObject({ paths: 4, reached: 4, survivors: 1, notTried: 0 });
  expect(placesOf(json, 'survivor')).toEqual(['src/calm.ts:2']);
  expect(processesOf(project)).toEqual([]);
});

test('a test that passes and fails by turns is no witness', async () => {
  const project = open('projects/flaky', {});
  const { status, json } = await project.command([], { FLAKY_FOLDER: path.dirname(project.root) });
  expect(status).toBe(2);
  expect(json).toMatchObject({ code: 'TESTS_FLAKY' });
  expect(json.message).toContain('tests/lottery.test.ts > without tickets the other one wins, by turns');
});

test('a test that needs those before it is run with them', async () => {
  const project = open('projects/red', {});
  project.write(
    'tests/discount.test.ts',
    `import { expect, test } from 'vitest';
import { discount } from '../src/discount.ts';
let percent = 0;
test('first', () => { percent = 110; });
test('then', () => { expect(() => discount(1, percent)).toThrow('is no percentage'); });
`,
  );
  const { json } = await project.command([]);
  expect(json).toMatchObject({ paths: 2, reached: 1, survivors: 0, notTried: 0 });
});

test('JavaScript, JSX and CommonJS count, and a commit’s counts are there for what is built upon it', async () => {
  const project = open('projects/javascript', {});
  project.write('.gitignore', 'node_modules\n');
  const { git, commit } = await gitRepository(project.root);
  await git('add', '.');
  await commit('feat: menu');
  const first = await project.test();
  expect(first).toMatchObject({ paths: 6, reached: 4 });
  expect(placesOf(first, 'unreached')).toEqual(['src/element.js:4', 'src/read-dishes.cjs:10']);
  expect(first.base).toBeUndefined();
  appendFileSync(
    path.join(project.root, 'src', 'element.js'),
    '\nexport const later = () => { throw new Error("later") }\n',
  );
  const second = await project.test({ base: 'HEAD' });
  expect(second.paths).toBe(7);
  expect(second.base).toMatchObject({ src: { paths: 6, reached: 4 } });
});

describe('what was found out is remembered', () => {
  const project = open('projects/monorepo', {});
  const run = async (...args: string[]) => await project.command(args);
  const change = (file: string) => {
    appendFileSync(path.join(project.root, file), '\n');
  };
  let first: Commanded;

  beforeAll(async () => {
    first = await run();
  }, 120_000);

  test('the first run tries all, for both projects', () => {
    expect(done(first)).toEqual({ 1: '2 of 2', 2: '7 of 7' });
    expect(first.json).toMatchObject({ paths: 8, reached: 5, survivors: 0, notTried: 0 });
    expect(placesOf(first.json, 'unreached')).toEqual([
      'packages/orders/src/order.ts:4',
      'packages/shared/src/quantity.ts:6',
      'packages/stock/src/stock.ts:19',
    ]);
  });

  test('a second one, with nothing changed, runs nothing and says the same', async () => {
    const second = await run();
    expect(done(second)).toEqual({ 1: '0 of 2', 2: '0 of 7' });
    expect(second.json).toEqual(first.json);
    expect(second.status).toBe(first.status);
  });

  test('a shared package is reached from both projects', async () => {
    const { tested } = await project.test();
    const shared = tested.filter(({ file }) => file.endsWith('quantity.ts'));
    expect(shared.map(({ count, tests }) => [count, tests.map((name) => name.split(' ', 1)[0])])).toEqual([
      [2, ['[orders]', '[stock]']],
      [1, ['[stock]']],
      [0, []],
    ]);
  });

  test('a change of a source runs the test files that are made of it, and tries its paths', async () => {
    change('packages/orders/src/order.ts');
    const second = await run();
    expect(done(second)).toEqual({ 1: '1 of 2', 2: '3 of 7' });
    expect(second.json).toEqual(first.json);
  });

  test('a change of what both are made of runs both', async () => {
    change('packages/shared/src/quantity.ts');
    expect(done(await run())).toEqual({ 1: '2 of 2', 2: '2 of 7' });
  });

  test('a change of a test tries again what it had noticed', async () => {
    change('packages/stock/tests/stock.test.ts');
    const second = await run();
    expect(done(second)[1]).toBe('1 of 2');
    // Both of stock.ts's clause, and those of the shared package that the other project has not noticed before.
    expect(done(second)[2]).toMatch(/^[34] of 7$/);
    expect(second.json).toEqual(first.json);
  });

  test('a change of data, or of vitest’s configuration, runs all', async () => {
    project.write('prices.csv', '1\n');
    expect(done(await run('--level', '1'))).toEqual({ 1: '2 of 2' });
    change('own.vitest.config.ts');
    expect(done(await run('--level', '1'))).toEqual({ 1: '2 of 2' });
  });

  test('--full takes nothing of it, and a memory that cannot be read is none', async () => {
    expect(done(await run('--level', '1'))).toEqual({ 1: '0 of 2' });
    expect(done(await run('--level', '1', '--full'))).toEqual({ 1: '2 of 2' });
    const cache = path.join(path.dirname(project.root), 'cache');
    const kept = readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('memory.json'),
    );
    expect(kept).toHaveLength(1);
    for (const file of kept) writeFileSync(path.join(cache, file), '{"version":');
    expect(done(await run('--level', '1'))).toEqual({ 1: '2 of 2' });
  });

  test('two runs at once find out the same', async () => {
    const both = await Promise.all([run('--full'), run('--full')]);
    for (const { json } of both) expect(json).toEqual(first.json);
    expect(done(await run())).toEqual({ 1: '0 of 2', 2: '0 of 7' });
  });
});

describe('after a change of what tests are made of', () => {
  let project: FixtureProject;
  /** What a run did at level 1, and how it ended. */
  const run = async (...args: string[]) => {
    const { status, stderr, json } = await project.command(['--level', '1', ...args]);
    const lines = [...stderr.matchAll(/^level 1: (.*)$/gm)].map(([, line = '']) => line);
    return { status, lines, reached: json.reached };
  };
  const limits = (text: string) => {
    project.write('src/limits.ts', `export const limits = ${text};\n`);
  };
  const green = { status: 0, reached: 2 };

  beforeAll(async () => {
    project = open('projects/red', {});
    project.write(
      'src/discount.ts',
      `import { limits } from './limits.ts';
export function discount(price: number, percent: number): number {
  if (price < limits.price) throw new RangeError('price');
  if (percent > limits.percent) throw new RangeError('percent');
  return price;
}
`,
    );
    limits('{ price: 0, percent: 100 }');
    project.write(
      'tests/discount.test.ts',
      `import { expect, test } from 'vitest';
import { discount } from '../src/discount.ts';
import { limits } from '../src/limits.ts';
let price = 0;
test('both', () => {
  expect(() => discount(-1, 0)).toThrow('price');
  if (limits.percent === 100) expect(() => discount(0, 101)).toThrow('percent');
  price = 7;
});
test('percent', () => { expect(() => discount(price, 200)).toThrow('percent'); });
test('neither', () => { expect(discount(price, 0)).toBe(7); });
`,
    );
    project.write(
      'tests/price.test.ts',
      `import { expect, test } from 'vitest';
import { discount } from '../src/discount.ts';
test('price', async () => {
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(() => discount(-1, 0)).toThrow('price');
});
`,
    );
    expect(await run()).toEqual({ ...green, lines: ['2 of 2 test files are run'] });
  }, 120_000);

  test('one test that reaches all again is enough, and once', async () => {
    limits('{ price: 0, percent: 100, more: 1 }');
    expect(await run()).toEqual({
      ...green,
      lines: ['0 of 2 test files are run', '1 tests of 1 more are run, for what only they reached'],
    });
    expect(await run()).toEqual({ ...green, lines: ['0 of 2 test files are run'] });
  });

  test('where it does not reach all any more, another is asked', async () => {
    limits('{ price: 0, percent: 99 }');
    expect(await run()).toEqual({
      ...green,
      lines: [
        '0 of 2 test files are run',
        '1 tests of 1 more are run, for what only they reached',
        '1 tests of 1 more are run, for what only they reached',
      ],
    });
  });

  test('where one cannot run by itself, its file is run', async () => {
    project.write(
      'tests/discount.test.ts',
      readFileSync(path.join(project.root, 'tests/discount.test.ts'), 'utf8').replace(
        "test('percent', () => {",
        "test('percent', () => { expect(price).toBe(7);",
      ),
    );
    expect(await run()).toEqual({ ...green, lines: ['1 of 2 test files are run'] });
    limits('{ price: 0, percent: 98 }');
    expect(await run()).toMatchObject(green);
    limits('{ price: 0, percent: 97 }');
    expect(await run('--only', 'src/discount.ts')).toMatchObject(green);
  });

  test('what fails is told only when all tests were asked', async () => {
    const source = path.join(project.root, 'src/discount.ts');
    appendFileSync(source, "export const never = () => { throw new Error('never'); };\n");
    const { status, lines, reached } = await run();
    expect({ status, reached }).toEqual({ status: 2, reached: 2 });
    expect(lines.at(-1)).toMatch(/^\d of 2 test files are run, as something fails$/);
  });
});
