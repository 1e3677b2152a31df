import { OBJECTIVES, type Timing, type Window } from '../thresholds.ts';
import { duration, type Recording } from './alert.ts';

/** The routes that score. Health, pages and metrics are no part of the promise. */
export const SCORING = 'route=~"/predict/.*|/decide/.*|/v2/models/.*/infer"';

const WINDOWS: Window[] = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];

/** Requests a second, and the shares of them that failed and that were slow, over each window. Names say the unscaled window. */
export function requestRecordings(timing: Timing): Recording[] {
  return WINDOWS.flatMap((window) => {
    const range = `[${duration(timing[window])}]`;
    const all = `sum(rate(cleaver_http_requests_total{${SCORING}}${range}))`;
    const failed = `(sum(rate(cleaver_http_requests_total{${SCORING},status=~"5.."}${range})) or vector(0))`;
    // Turned away at the door: not among the requests, and as good as failed for whoever asked.
    const shed = `(sum(rate(cleaver_requests_shed_total${range})) or vector(0))`;
    const times = 'cleaver_http_request_duration_seconds';
    const inTime = `sum(rate(${times}_bucket{${SCORING},le="${OBJECTIVES.latencySeconds}"}${range}))`;
    return [
      { record: `cleaver:scoring_requests:rate${window}`, expr: `${all} + ${shed}` },
      {
        record: `cleaver:scoring_failures:ratio_rate${window}`,
        expr: `(${failed} + ${shed}) / (${all} + ${shed})`,
      },
      {
        record: `cleaver:scoring_slow:ratio_rate${window}`,
        expr: `1 - ${inTime} / sum(rate(${times}_count{${SCORING}}${range}))`,
      },
    ];
  });
}
