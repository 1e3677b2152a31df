import { expect, test } from 'vitest';
import { jsonReport } from './json.ts';
import { sampleFailure, samplePath, sampleResult } from './sample-result.ts';

test('the report has the promised keys and no other', () => {
  const failure = { ...sampleFailure(), seenBy: 'the runner' };
  const result = sampleResult([samplePath({ count: 0 }), samplePath()], { failures: [failure] });
  expect(JSON.parse(JSON.stringify(jsonReport(result)))).toEqual({
    paths: 2,
    reached: 1,
    survivors: 0,
    notTried: 0,
    waived: 0,
    failures: [sampleFailure()],
  });
});
