import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { PATH_KINDS } from '../result.ts';
import { findPaths } from './find-paths.ts';
import { parseResultShape } from './result-shapes.ts';

const KINDS = path.join(import.meta.dirname, '..', 'fixtures', 'kinds');
const RESULTS = ['err', 'Result.err', '{ ok: false }'].map(parseResultShape);

/** The tables of hand-count.md: by file, a line for each path. */
async function handCount(): Promise<Map<string, string[]>> {
  const text = await readFile(path.join(KINDS, 'hand-count.md'), 'utf8');
  const [, files = ''] = text.split(/^## (?:Files|Totals)$/m);
  const sections = files.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const file = /^`(.+?)`/.exec(section)?.[1] ?? '';
      const rows = [...section.matchAll(/^\| (\d+) \| (\d+) \| ([a-z-]+) \| ([a-z, ]+) \| (yes|no) \|/gm)];
      return [
        file,
        rows.map(([, line, column, kind, mutations, swallows]) => `${line}:${column} ${kind} ${mutations} ${swallows}`),
      ];
    }),
  );
}

const counted = await handCount();

describe('what the finder sees is what was counted by hand', () => {
  test.for([...counted].filter(([file]) => file !== 'generated.ts' && file !== 'broken.ts'))(
    'in %s',
    async ([file, rows]) => {
      const { paths, unparsed } = findPaths(file, await readFile(path.join(KINDS, file), 'utf8'), RESULTS);
      expect(unparsed).toBeUndefined();
      const found = paths.map(({ start, kind, mutations, swallows }) => {
        const names = ['rethrow', 'remove'].filter((name) => mutations.some((mutation) => mutation === name));
        return `${start.line}:${start.column} ${kind} ${names.join(', ') || 'none'} ${swallows ? 'yes' : 'no'}`;
      });
      const inOrder = (rows: readonly string[]) => rows.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
      expect(inOrder(found)).toEqual(inOrder(rows));
    },
  );

  test('and the table has all files and paths', () => {
    expect(counted.size).toBe(30);
    expect([...counted].filter(([file]) => file !== 'generated.ts').flatMap(([, rows]) => rows)).toHaveLength(266);
  });
});

test('a file that does not parse is said to be so, with the line', async () => {
  const text = await readFile(path.join(KINDS, 'broken.ts'), 'utf8');
  const { paths, unparsed } = findPaths('broken.ts', text);
  expect(paths).toEqual([]);
  expect(unparsed?.line).toBeGreaterThan(1);
});

describe('the totals of the hand count', () => {
  const [, totals = ''] = readFileSync(path.join(KINDS, 'hand-count.md'), 'utf8').split('## Totals');
  const rows = [...counted].filter(([file]) => file !== 'generated.ts').flatMap(([, of]) => of);

  test.for(PATH_KINDS)('are those of its rows for %s', (kind) => {
    const of = rows.filter((row) => row.split(' ')[1] === kind);
    const having = (word: string) => of.filter((row) => row.split(/[ ,]+/).slice(2).includes(word)).length;
    const line = totals.split('\n').find((one) => one.startsWith(`| ${kind} |`));
    expect(line).toBe(`| ${kind} | ${of.length} | ${having('rethrow')} | ${having('remove')} | ${having('yes')} |`);
  });
});

test('ids number the paths in the order of the text, lines stay, and the woven text parses', () => {
  for (const file of counted.keys()) {
    const text = readFileSync(path.join(KINDS, file), 'utf8');
    const { paths, woven } = findPaths(file, text, RESULTS);
    expect(paths.map(({ id }) => id)).toEqual(paths.map((_, at) => `${file}#${at}`));
    if (woven === undefined) continue;
    expect(woven.toString().split('\n')).toHaveLength(text.split('\n').length);
    expect(findPaths(file, woven.toString()).unparsed, file).toBeUndefined();
  }
});

describe('a hint is the shortest way to a path', () => {
  const hints: Record<string, string> = {
    'function a(n) { if (n > 1) throw n; }': 'Call `a` so that `n > 1` is true.',
    'function a(n) { if (n > 1) return 1; else throw n; }': 'Call `a` so that `n > 1` is false.',
    'function a(n) { if (n > 1) return 1; throw n; }': 'Call `a` so that `n > 1` is false.',
    'function a(n) { switch (n) { case 1: throw n; } }': 'Call `a` so that `n` is 1.',
    'function a(n) { switch (n) { default: throw n; } }': 'Call `a` so that `n` is none of the cases.',
    'const a = (n) => { throw n; };': 'Call `a` so that it gets there.',
    'const o = { a: (n) => { throw n; } };': 'Call `a` so that it gets there.',
    'class A { constructor() { throw 1; } }': 'Call `new A` so that it gets there.',
    'try { read("x", { deep: 1 }); } catch { log(); }': 'Load the module so that `read("x", { deep: 1 })` fails.',
    'function a() { read().catch(log); }': 'Call `a` so that `read()` rejects.',
    'function a(s) { s.on("error", log); }': 'Call `a` so that `s` emits "error".',
    'function a() { read((err) => { if (err) log(err); }); }': 'Call `a` so that the callback is given an error.',
  };

  test.for(Object.entries(hints))('%s', ([text, hint]) => {
    expect(findPaths('a.js', text).paths[0]?.hint).toBe(hint);
  });
});

test.for([
  ['{ ok: false }', 'return { ok: false, why };', 1],
  ['{ ok: false }', 'return { why, "ok": false };', 1],
  ['{ ok: false }', 'return { ok: true };', 0],
  ['{ ok: false }', 'return { ...rest, ok };', 0],
  ['err', 'return err(1);', 1],
  ['err', 'return my.err(1);', 0],
  ['Result.err', 'return Result.err(1);', 1],
  ['{ ok: false, error: null }', 'return { ok: false };', 0],
] as const)('%s is found in %s', ([shape, text, count]) => {
  expect(findPaths('a.js', `function a() { ${text} }`, [parseResultShape(shape)]).paths).toHaveLength(count);
});
