import { describe, expect, test } from 'vitest';
import { alerts, GROUPS } from './rules/alerts.ts';
import { timing } from './thresholds.ts';
import { metricNames, metricsIn } from './metric-names.ts';

describe('the metrics in an expression', () => {
  test.each([
    ['up{job="cleaver"} == 0', ['up']],
    [
      'sum by (model, le) (rate(a_bucket{b=~"c_total|d"}[5m])) / on (model) group_left (x) b_count',
      ['a_bucket', 'b_count'],
    ],
    ['histogram_quantile(0.99, sum(rate(a_bucket[$__rate_interval])) by (le))', ['a_bucket']],
    [
      'cleaver:failures:ratio_rate1h > bool 14.4 and on () absent(up) offset 1d',
      ['cleaver:failures:ratio_rate1h', 'up'],
    ],
    ['a{b="x } in \\" it"} unless c or vector(0)', ['a', 'c']],
    ['1e3 * a - time() > +Inf', ['a']],
  ])('%s', (expr, metrics) => {
    expect(metricsIn(expr)).toEqual(metrics);
  });
});

describe('the names', () => {
  test('are of what service and state have, of recordings, and of others', async () => {
    const names = await metricNames();
    for (const name of [
      'cleaver_http_request_duration_seconds_bucket',
      'cleaver_rows_waiting_limit',
      'cleaver_record_written_total',
      'nodejs_eventloop_lag_p99_seconds',
      'cleaver_gate_refusals_in_a_row',
      'cleaver:scoring_failures:ratio_rate1h',
      'node_systemd_unit_state',
    ]) {
      expect(names).toContain(name);
    }
    // A histogram itself is no series.
    expect(names).not.toContain('cleaver_http_request_duration_seconds');
  });

  test('have those that alerts and recordings go by', async () => {
    const names = await metricNames();
    const recordings = GROUPS.flatMap(({ recordings: of }) => of?.(timing()) ?? []);
    const asked = [...alerts, ...recordings].flatMap(({ expr }) => metricsIn(expr));
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
  });
});
