import { expect, test } from 'vitest';
import { readinessReasons } from './readiness-reasons.ts';

const body = '{"ready":false,"reasons":["No model is registered yet.","the registry [x] is slow"],"models":[]}';

test.each([
  ['a kubectl that quotes', `I1127 get.go:174] "Response Body" body=${JSON.stringify(body)}\n`],
  ['one that does not', `I1127 request.go:1154] Response Body: ${body}\n`],
])('%s', (_, line) => {
  const log = `I1127 round_trippers.go:553] GET https://10.0.0.1:6443/ 503\n${line}Error from server (ServiceUnavailable): x\n`;
  expect(readinessReasons(log)).toBe('No model is registered yet.; the registry [x] is slow');
});

test.each(['', '{"reasons":[]}', '{"reasons":"none"}', 'upstream connect error'])('none in %j', (log) => {
  expect(readinessReasons(log)).toBe('');
});
