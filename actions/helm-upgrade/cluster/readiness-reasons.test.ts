import { expect, test } from 'vitest';
import { readinessReasons } from './readiness-reasons.ts';

test('all reasons, one after the other', () => {
  const reasons = ['No model is registered yet.', 'the registry [x] is slow'];
  expect(readinessReasons(JSON.stringify({ ready: false, reasons, models: [] }))).toBe(reasons.join('; '));
});

test.each(['', '{"reasons":[]}', '{"reasons":"none"}', '{}', 'upstream connect error'])('none in %j', (body) => {
  expect(readinessReasons(body)).toBe('');
});
