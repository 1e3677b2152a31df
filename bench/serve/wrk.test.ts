import { expect, test } from 'vitest';
import { figuresIn } from './wrk.ts';

const good = {
  ...{ seconds: 2, requests: 3000, p50Ms: 0.5, p99Ms: 2, maxMs: 9 },
  ...{ badStatus: 0, broken: 0, timedOut: 0 },
};

test('the figures are the line of JSON among what wrk prints', () => {
  const printed = `Running 2s test\n  Requests/sec: 1\n${JSON.stringify(good)}\n`;
  expect(figuresIn(printed)).toEqual({ requestsPerSecond: 1500, p50Ms: 0.5, p99Ms: 2, maxMs: 9, failed: 0 });
});

test('requests that failed are counted, and a bad status is no answered request', () => {
  const figures = figuresIn(JSON.stringify({ ...good, badStatus: 1000, broken: 2, timedOut: 3 }));
  expect(figures).toMatchObject({ requestsPerSecond: 1000, failed: 1005 });
});

test('a load without a good answer has no figures, nor has a wrk that told none', () => {
  expect(() => figuresIn(JSON.stringify({ ...good, badStatus: 3000 }))).toThrow('None of 3000 requests');
  expect(() => figuresIn('unable to connect')).toThrow('unable to connect');
});
