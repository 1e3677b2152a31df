import { expect, test } from 'vitest';
import { describeFailures, sortFailures, tallyFailures } from './failures.ts';
import { sampleFailure, sampleResult } from './sample-result.ts';

function described(...args: Parameters<typeof sampleFailure>[]): string {
  return describeFailures(sampleResult([], { failures: args.map(([change]) => sampleFailure(change)) }));
}

test('failures are grouped by file, in the order of their lines', () => {
  const text = described([{ file: 'b.ts', line: 9 }], [{ file: 'a.ts', line: 4 }], [{ file: 'b.ts', line: 2 }]);
  expect(text.match(/^\S+:\d+/gm)).toEqual(['a.ts:4', 'b.ts:2', 'b.ts:9']);
  expect(text.split('\n\n')).toHaveLength(2);
});

test('a failure is a line with the place, what and why, and a line with the hint', () => {
  expect(described([])).toBe(
    'actions/etl/main.ts:2  throw  unreached — No test reaches this throw in readAll.\n    Call readAll without a file.\n',
  );
});

test('what is of no file comes first, and names none', () => {
  const text = described([], [{ file: '', line: 1, kind: 'all', reason: 'threshold', message: '80 %', hint: '' }]);
  expect(text).toMatch(/^all files {2}all {2}threshold — 80 %\n\nactions/);
});

test('a long list says how much of it is missing', () => {
  const failures = Array.from({ length: 62 }, (_, at) => sampleFailure({ line: at + 1 }));
  const text = describeFailures(sampleResult([], { failures }));
  expect(text).toMatch(/\n\nand 12 more\n$/);
  expect(text.match(/ unreached — /g)).toHaveLength(50);
  expect(describeFailures(sampleResult([], { failures: failures.slice(0, 50) }))).not.toContain('more');
});

test('source text in a message neither breaks the line nor steers the terminal', () => {
  expect(described([{ message: 'one\r\ntwo \u001b[31mred\u009b0m' }])).toContain('— one two [31mred 0m\n');
});

test('the tally counts each reason in its own words', () => {
  const failures = [sampleFailure(), sampleFailure({ reason: 'survivor' }), sampleFailure()];
  expect(tallyFailures(failures)).toBe('2 unreached paths, 1 survivor');
  expect(tallyFailures([])).toBe('');
});

test('sorting leaves the list that it was given', () => {
  const failures = [sampleFailure({ line: 3 }), sampleFailure({ line: 1 })];
  expect(sortFailures(failures).map(({ line }) => line)).toEqual([1, 3]);
  expect(failures.map(({ line }) => line)).toEqual([3, 1]);
});
