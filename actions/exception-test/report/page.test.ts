import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { htmlPage } from './page.ts';
import { sampleFailure, samplePath, sampleResult } from './sample-result.ts';

const HOSTILE = '</script><script>alert(1)</script><!--</style>"\'&amp;<img src=x onerror=alert(1)>';
const sources = { 'actions/etl/main.ts': "function readAll() {\n  throw new Error('no file');\n}\n" };

test('the page asks for nothing else, and runs no script but its own', () => {
  const page = htmlPage(sampleResult(), sources);
  expect(page).not.toMatch(/\b(?:src|href)="(?!data:|#)|url\(|@import/);
  const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  expect(page).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
});

test('whatever is in sources, names and messages is text', () => {
  const file = `a/${HOSTILE}.ts`;
  const path = samplePath({
    file,
    inside: HOSTILE,
    tests: [HOSTILE],
    waived: { reason: HOSTILE, until: HOSTILE },
    end: { line: 2, column: 40 },
  });
  const failures = [
    sampleFailure({ file, message: HOSTILE, hint: HOSTILE }),
    sampleFailure({ file: '', message: HOSTILE }),
  ];
  const page = htmlPage(sampleResult([path], { failures }), () => `${HOSTILE}\n${HOSTILE}\n`, {
    title: HOSTILE,
    footer: HOSTILE,
  });
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page.match(/<\/script/g)).toHaveLength(1);
  expect(page.match(/<\/style/g)).toHaveLength(1);
  expect(page).not.toMatch(/<img|<!--/);
  expect(page).toContain('&#60;/script&#62;&#60;script&#62;alert(1)');
});

describe('files', () => {
  const tested = ['a.ts', 'b.ts', 'c.ts'].map((file) => samplePath({ file }));
  const failures = [
    sampleFailure({ file: 'c.ts' }),
    sampleFailure({ file: 'broken.ts', kind: 'file', reason: 'unparsed' }),
  ];
  const page = htmlPage(sampleResult(tested, { failures }), { ...sources, 'unused.ts': 'export {};' });

  test('those with a failure come first, otherwise by name', () => {
    expect([...page.matchAll(/data-file="(.*?)"/g)].map(([, file]) => file)).toEqual([
      'broken.ts',
      'c.ts',
      'a.ts',
      'b.ts',
    ]);
  });

  test('those without a path or a failure are left out', () => {
    expect(page).not.toContain('unused.ts');
  });
});

test('the header says green or red in a sign too', () => {
  expect(htmlPage(sampleResult(), sources)).toContain('<p class="verdict">✓ Tests reach the one error path');
  expect(htmlPage(sampleResult([], { failures: [sampleFailure()] }), {})).toContain('<p class="verdict">✗ 1 failure');
});

test('what is of no file stands in the header', () => {
  const failure = sampleFailure({ file: '', kind: 'all', reason: 'threshold', message: '80 % of 95 %.' });
  expect(htmlPage(sampleResult([], { failures: [failure] }), {})).toMatch(/80 % of 95 %\.[^]*<\/header>/);
});

test('level 1 has no legend of states that it cannot know', () => {
  expect(htmlPage(sampleResult([samplePath()], { level: 1 }), sources)).not.toContain('>survivor</mark>');
  expect(htmlPage(sampleResult(), sources)).toContain('>survivor</mark>');
});

describe('300 paths are a page below 2 MB', () => {
  const tested = Array.from({ length: 300 }, (_, at) => {
    const start = { line: 30 * (at % 3) + 10, column: 3 };
    const tests = Array.from(
      { length: 40 },
      (_, test) => `actions/etl/main.test.ts > what breaks is told, case ${test}`,
    );
    return samplePath({
      file: `actions/etl/file-${at % 100}.ts`,
      start,
      end: { line: start.line + 4, column: 9 },
      tests,
    });
  });
  const failures = tested.map(({ file, start }) => sampleFailure({ file, line: start.line }));
  const page = (lines: number) =>
    htmlPage(sampleResult(tested, { failures }), () => '  const value = await readAll(file, "utf8");\n'.repeat(lines));

  test('in files of 100 lines, with every line', () => {
    expect(Buffer.byteLength(page(100))).toBeLessThan(2_000_000);
    expect(page(100)).not.toContain('left out');
  });

  test('in files of 3,000 lines too, without those that are far from a path', () => {
    expect(Buffer.byteLength(page(3_000))).toBeLessThan(2_000_000);
    expect(page(3_000)).toContain('Lines 78 to 3000, left out here');
  });
});
