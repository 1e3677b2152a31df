import { expect, test } from 'vitest';
import { fileSection, type PageFile } from './page-file.ts';
import { sampleFailure, samplePath } from './sample-result.ts';

const source = "function readAll() {\n  throw new Error('no file');\n}\n";

function section(change: Partial<PageFile> = {}): string {
  return fileSection(
    { file: 'actions/etl/main.ts', paths: [samplePath()], failures: [], source, isWhole: true, ...change },
    2,
  );
}

test('a path has its colour in the text and its letter in the margin', () => {
  const html = section();
  expect(html).toContain('<b class="A" title="asserted">A</b>');
  expect(html).toContain('  <mark class="A">throw new Error(&#39;no file&#39;);</mark>');
});

test('a file with a failure is open, at the line that fails too', () => {
  const html = section({ paths: [samplePath({ count: 0 })], failures: [sampleFailure()] });
  expect(html).toContain('<details class="file bad" data-file="actions/etl/main.ts" open>');
  expect(html).toContain('<details class="U" open>');
  expect(section()).not.toContain(' open');
});

test('a failure of a line without a path is marked there', () => {
  const html = section({ failures: [sampleFailure({ kind: 'waiver', reason: 'waiver-unused', line: 1 })] });
  expect(html).toContain('<b class="X" title="failure">!</b></span>function readAll() {');
});

test('a failure of a line that is not there stands above the text', () => {
  const html = section({ failures: [sampleFailure({ line: 99 })] });
  expect(html).toContain('<div class="above"><small>Line 99</small>');
});

test('without its source a file still tells of its paths', () => {
  const html = section({ source: undefined });
  expect(html).toContain('The source is not at hand.');
  expect(html).toContain('<strong>asserted</strong> · throw');
});

test('a line keeps its number behind a fold', () => {
  const html = section({
    source: `${'// above\n'.repeat(50)}${source}`,
    paths: [samplePath({ start: { line: 52, column: 3 }, end: { line: 52, column: 30 } })],
  });
  expect(html).toContain('<summary>Lines 1 to 48</summary>');
  expect(html).toContain('counter-reset:line 48');
});
