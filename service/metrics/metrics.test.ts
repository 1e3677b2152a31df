import { describe, expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('exemplars', () => {
  const ask = (exemplars: boolean, id: string) => {
    const metrics = createMetrics({ exemplars });
    metrics.request('POST', '/predict/:model', 200, 0.02, id);
    return metrics;
  };
  const bucket = 'cleaver_http_request_duration_seconds_bucket{le="0.025",method="POST",route="/predict/:model"}';
  const lineOf = (page: string) => page.split('\n').find((line) => line.startsWith(bucket));

  test('are off: the page is Prometheus’s own format, and names no request', async () => {
    const metrics = ask(false, 'visit-7');
    expect(metrics.contentType).toMatch(/^text\/plain/);
    expect(lineOf(await metrics.text())).toBe(`${bucket} 1`);
  });

  test('where wanted, name a request of each bucket, in OpenMetrics', async () => {
    const metrics = ask(true, 'visit-7');
    expect(metrics.contentType).toMatch(/^application\/openmetrics-text/);
    const page = await metrics.text();
    expect(lineOf(page)).toMatch(/ 1 # \{trace_id="visit-7"\} 0.02 \d+/);
    expect(page).toContain('\ncleaver_http_requests_total{method="POST",route="/predict/:model",status="200"} 1\n');
    expect(page).toMatch(/# EOF\n$/);
  });

  test('of processes together keep the format', async () => {
    const metrics = ask(true, 'visit-7');
    const page = await metrics.text([await ask(true, 'visit-8').values()]);
    expect(lineOf(page)).toMatch(/^\S+ 2/);
    expect(page).toMatch(/# EOF\n$/);
  });

  test('do not name an id that is too long for one', async () => {
    expect(lineOf(await ask(true, 'x'.repeat(128)).text())).toBe(`${bucket} 1`);
    expect(lineOf(await ask(true, 'x'.repeat(100)).text())).toContain('# {trace_id="xxx');
  });
});
