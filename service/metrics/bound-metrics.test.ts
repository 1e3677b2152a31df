import { Counter, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { boundCounter, boundHistogram } from './bound-metrics.ts';

const BUCKETS = [0.000_25, 0.5, 1];

/** The page after the same was told to a counter and a histogram in one of the two ways. */
async function page(isBound: boolean): Promise<string> {
  const registers = [new Registry()];
  const counter = new Counter({ name: 'requests', help: 'Requests.', labelNames: ['route', 'status'], registers });
  const histogram = new Histogram({
    name: 'seconds',
    help: 'Time.',
    labelNames: ['route'],
    buckets: BUCKETS,
    registers,
  });
  for (const [route, status] of [['/b', 200] as const, ['/a', 404] as const]) {
    const count = isBound
      ? boundCounter(counter, { route, status })
      : (by: number) => {
          counter.inc({ route, status }, by);
        };
    const observe = isBound
      ? boundHistogram(histogram, { route }, BUCKETS)
      : (value: number) => {
          histogram.observe({ route }, value);
        };
    for (const by of [1, 3]) count(by);
    for (const value of [0, 0.000_25, 0.3, 1, 7]) observe(value);
  }
  return (await registers[0]?.metrics()) ?? '';
}

test('bound metrics give the page that prom-client’s own calls give', async () => {
  const bound = await page(true);
  expect(bound).toBe(await page(false));
  expect(bound).toContain('seconds_bucket{le="0.5",route="/a"} 3');
});

test('a prom-client that keeps its values elsewhere is noticed', () => {
  const counter = new Counter({ name: 'requests', help: 'Requests.', labelNames: ['route'], registers: [] });
  Object.assign(counter, { inc: () => undefined });
  expect(() => boundCounter(counter, { route: '/a' })).toThrow(/elsewhere/);
});
