import { describe, expect, test } from 'vitest';
import { sampleFailure, samplePath, sampleResult } from './sample-result.ts';
import { headline, jobSummary } from './summary.ts';

const SOURCE = 'https://github.com/owner/shop/blob/0123abc';
const failures = [sampleFailure({ reason: 'survivor', line: 7 }), sampleFailure()];

describe('the headline', () => {
  test('red says how many failures of which reasons there are', () => {
    expect(headline(sampleResult([samplePath()], { failures }))).toBe(
      '2 failures on error paths: 1 unreached path, 1 survivor',
    );
  });

  test('green says how far the tests go, and no more', () => {
    const tested = [samplePath(), samplePath({ count: 0 }), samplePath({ notTried: ['remove'] })];
    expect(headline(sampleResult([samplePath(), samplePath()]))).toBe('Tests reach all 2 error paths and assert all 2');
    expect(headline(sampleResult(tested))).toBe(
      'Tests reach 2 of 3 error paths and assert 1 of 3; 1 not tried for want of time',
    );
    expect(headline(sampleResult(tested, { level: 1 }))).toBe('Tests reach 2 of 3 error paths');
    expect(headline(sampleResult([samplePath()], { level: 1 }))).toBe('Tests reach the one error path');
    expect(headline(sampleResult([]))).toBe('There is no error path to test');
  });
});

test('the summary begins with green or red', () => {
  expect(jobSummary(sampleResult())).toMatch(/^## ✅ Tests reach/);
  expect(jobSummary(sampleResult([samplePath()], { failures }))).toMatch(/^## ❌ 2 failures/);
});

describe('failures', () => {
  test('each names its place, which is a link where the source has an address', () => {
    const result = sampleResult([samplePath()], { failures });
    expect(jobSummary(result, SOURCE)).toContain(
      `| [actions/etl/main.ts:2](${SOURCE}/actions/etl/main.ts#L2) | throw | unreached path | No test reaches this throw in readAll.<br>Call readAll without a file. |`,
    );
    expect(jobSummary(result)).toContain('| actions/etl/main.ts:2 | throw |');
  });

  test('what is of no file is no link', () => {
    const ofAll = sampleFailure({ file: '', kind: 'all', reason: 'threshold' });
    expect(jobSummary(sampleResult([], { failures: [ofAll] }), SOURCE)).toContain('| all files | all |');
  });

  test('over 50 are cut, with the number of those that are missing', () => {
    const many = Array.from({ length: 53 }, (_, at) => sampleFailure({ line: at + 1 }));
    const text = jobSummary(sampleResult([], { failures: many }));
    expect(text.match(/unreached path \|/g)).toHaveLength(50);
    expect(text).toContain('_The first 50 of 53 failures; 3 more are not shown._');
    expect(jobSummary(sampleResult([], { failures: many.slice(3) }))).not.toContain('not shown');
  });

  test('a message cannot break out of its cell', () => {
    const text = jobSummary(sampleResult([], { failures: [sampleFailure({ message: 'a | b\n<script>', hint: '' })] }));
    expect(text).toContain('| a \\| b · \\<script\\> |');
  });
});

test('waivers are listed, the next to end first', () => {
  const text = jobSummary(
    sampleResult([
      samplePath({ waived: { reason: 'No disk to fill.', until: '2027-03-01' } }),
      samplePath({ file: 'b.ts', waived: { reason: 'Windows only.', until: '2026-12-31' } }),
    ]),
  );
  expect(text).toContain('<summary>Waived: 2</summary>');
  expect(text).toMatch(/\| 2026-12-31 \| b\.ts:2 \| Windows only\. \|\n\| 2027-03-01 \| actions\/etl\/main\.ts:2 \|/);
});

test('level 3 says how many faults were injected', () => {
  const text = jobSummary(
    sampleResult([samplePath()], { level: 3, faults: { targets: 4, injected: 31, notTried: 2 } }),
  );
  expect(text).toContain('Faults: 31 injected into 4 functions, 2 not tried for want of time.');
});
