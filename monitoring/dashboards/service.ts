import { OBJECTIVES } from '../thresholds.ts';
import { SCORING } from '../rules/requests.ts';
import { type Dashboard, OF_MODEL } from './dashboard.ts';
import { LINES } from './lines.ts';
import type { Query } from './panel.ts';

const LOGS = 'service.name: cleaver';
const FAILED = 'http.response.status_code >= 500';
const RATE = '[$__rate_interval]';
const TIMES = 'cleaver_http_request_duration_seconds';
const SCORED = `sum(rate(cleaver_http_requests_total{${SCORING}}${RATE}))`;
const SHED = `sum(rate(cleaver_requests_shed_total${RATE}))`;
/** The parts of a budget of errors that are gone too fast, from 1 on. */
const BUDGET = Number((1 - OBJECTIVES.availability).toPrecision(6));

/** Does it answer, in time? And how much more can it take? */
export const SERVICE: Dashboard = {
  uid: 'cleaver-service',
  title: 'Cleaver: service',
  description: 'Rate, errors, latency and saturation of the inference server, and what it serves.',
  refresh: '30s',
  from: 'now-3h',
  byModel: true,
  rows: [
    {
      title: 'What clients feel',
      panels: [
        {
          title: 'Requests',
          description: 'By route. Below the line there are too few for alerts that go by shares.',
          unit: 'reqps',
          line: LINES.requestsPerSecond,
          queries: [{ expr: `sum by (route) (rate(cleaver_http_requests_total${RATE}))`, legend: '{{route}}' }],
          logs: LOGS,
        },
        {
          title: 'Answers by status',
          description: '5xx are ours, 4xx are for the client to mend.',
          unit: 'reqps',
          line: LINES.requestsPerSecond,
          queries: [{ expr: `sum by (status) (rate(cleaver_http_requests_total${RATE}))`, legend: '{{status}}' }],
          logs: 'http.response.status_code >= 400',
        },
        {
          title: 'Failing',
          description: `Of requests for scores; turned away counts. The promise is ${OBJECTIVES.availability * 100} % answered.`,
          unit: 'percentunit',
          line: LINES.failingShare,
          queries: [
            {
              expr: `((sum(rate(cleaver_http_requests_total{${SCORING},status=~"5.."}${RATE})) or vector(0)) + ${SHED}) / (${SCORED} + ${SHED})`,
              legend: 'failing',
            },
          ],
          logs: FAILED,
        },
        {
          title: 'Time to answer',
          description: 'Of requests for scores: half of them, 95 % and 99 % take no longer.',
          unit: 's',
          line: LINES.latencySeconds,
          queries: [quantile(0.5), quantile(0.95), quantile(0.99)],
          logs: 'event.duration >= 250000000',
        },
        {
          title: 'Slow',
          description: `Of requests for scores, those over ${OBJECTIVES.latencySeconds} s. The promise is that ${OBJECTIVES.latency * 100} % are not.`,
          unit: 'percentunit',
          line: LINES.slowShare,
          queries: [
            {
              expr: `clamp(1 - sum(rate(${TIMES}_bucket{${SCORING},le="${OBJECTIVES.latencySeconds}"}${RATE})) / sum(rate(${TIMES}_count{${SCORING}}${RATE})), 0, 1)`,
              legend: 'slow',
            },
          ],
          logs: 'event.duration >= 250000000',
        },
        {
          title: 'Budget of errors: how many times too fast',
          description: 'At 1 it lasts for exactly 30 days. From the line on, in both windows, somebody is woken.',
          unit: 'none',
          line: LINES.burnRate,
          queries: [
            { expr: `cleaver:scoring_failures:ratio_rate5m / ${BUDGET}`, legend: 'over 5 minutes' },
            { expr: `cleaver:scoring_failures:ratio_rate1h / ${BUDGET}`, legend: 'over an hour' },
          ],
          logs: FAILED,
        },
        {
          title: 'Slowest by route',
          description: '99 % of the requests of a route take no longer.',
          unit: 's',
          line: LINES.latencySeconds,
          queries: [
            {
              expr: `histogram_quantile(0.99, sum by (le, route) (rate(${TIMES}_bucket{${SCORING}}${RATE})))`,
              legend: '{{route}}',
            },
          ],
          logs: 'event.duration >= 250000000',
        },
      ],
    },
    {
      title: 'How full it is',
      panels: [
        {
          title: 'Rows waiting',
          description: 'Against what may wait. At 100 % requests get 503 and are to come again.',
          unit: 'percentunit',
          line: LINES.waitingShare,
          queries: [
            {
              expr: `clamp(sum by (model) (cleaver_rows_waiting{${OF_MODEL}}) / sum by (model) (cleaver_rows_waiting_limit{${OF_MODEL}}), 0, 1)`,
              legend: '{{model}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Turned away',
          description:
            'Unread, of all requests for scores. busy: the event loop is late; large: too many bytes; slow: they came too slowly.',
          unit: 'percentunit',
          line: LINES.shedShare,
          queries: [
            {
              expr: `sum by (reason) (rate(cleaver_requests_shed_total${RATE})) / scalar(${SCORED} + ${SHED})`,
              legend: '{{reason}}',
            },
          ],
          logs: 'http.response.status_code: 503',
        },
        {
          title: 'Rows in a batch',
          description:
            'Scored in one run, on average and of 99 % at most. Small ones cost time, large ones keep others waiting.',
          unit: 'short',
          line: LINES.batchRows,
          queries: [
            {
              expr: `sum by (model) (rate(cleaver_batch_rows_sum{${OF_MODEL}}${RATE})) / sum by (model) (rate(cleaver_batch_rows_count{${OF_MODEL}}${RATE}))`,
              legend: '{{model}} mean',
            },
            {
              expr: `histogram_quantile(0.99, sum by (le, model) (rate(cleaver_batch_rows_bucket{${OF_MODEL}}${RATE})))`,
              legend: '{{model}} 99 %',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Event loop late by',
          description: 'Every answer waits that long. At 250 ms requests are turned away.',
          unit: 's',
          line: LINES.eventLoopSeconds,
          queries: [
            { expr: 'nodejs_eventloop_lag_p99_seconds{job="cleaver"}', legend: '{{instance}} 99 %' },
            { expr: 'nodejs_eventloop_lag_mean_seconds{job="cleaver"}', legend: '{{instance}} mean' },
          ],
          logs: LOGS,
        },
        {
          title: 'Processors used',
          description: 'Cores that the process keeps busy.',
          unit: 'none',
          line: LINES.cores,
          queries: [{ expr: `rate(process_cpu_seconds_total{job="cleaver"}${RATE})`, legend: '{{instance}}' }],
          logs: LOGS,
        },
        {
          title: 'Memory',
          description: 'Of the process; the line is nine tenths of the limit of the chart.',
          unit: 'bytes',
          line: LINES.serviceMemoryBytes,
          queries: [{ expr: 'process_resident_memory_bytes{job="cleaver"}', legend: '{{instance}}' }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'What it serves',
      panels: [
        {
          title: 'Instances up',
          description: 'Whether each answers Prometheus.',
          unit: 'bool_yes_no',
          line: LINES.isGood,
          queries: [{ expr: 'up{job="cleaver"}', legend: '{{instance}}' }],
          logs: LOGS,
        },
        {
          title: 'Starts within an hour',
          description: 'A release is one for each instance. More are crashes.',
          unit: 'short',
          line: LINES.restarts,
          queries: [{ expr: 'changes(process_start_time_seconds{job="cleaver"}[1h])', legend: '{{instance}}' }],
          logs: LOGS,
        },
        {
          title: 'Instances by version',
          description: 'How many serve which version of a model. Two at once only while a new one is rolled out.',
          unit: 'short',
          line: LINES.none,
          queries: [
            { expr: `count by (model, version) (cleaver_model_info{${OF_MODEL}})`, legend: '{{model}} {{version}}' },
          ],
          logs: LOGS,
        },
        {
          title: 'Models that took over or did not load',
          description: 'Within an hour. One that does not load leaves the former one in its place.',
          unit: 'short',
          line: LINES.any,
          queries: [
            {
              expr: `sum by (model) (increase(cleaver_model_swaps_total{${OF_MODEL}}[1h]))`,
              legend: '{{model}} took over',
            },
            {
              expr: `sum by (model) (increase(cleaver_model_load_failures_total{${OF_MODEL}}[1h]))`,
              legend: '{{model}} did not load',
            },
            { expr: 'sum(increase(cleaver_registry_failures_total[1h]))', legend: 'registry not read' },
          ],
          logs: 'log.level: error',
        },
        {
          title: 'Predictions not recorded',
          description: 'Within an hour. Report and experiment do without them.',
          unit: 'short',
          line: LINES.any,
          queries: [{ expr: 'sum(increase(cleaver_record_dropped_total[1h]))', legend: 'lost' }],
          logs: 'log.level: error',
        },
        {
          title: 'Record that waits for the disk',
          description: 'When it is full, predictions are lost, or refused, as CLEAVER_RECORD says.',
          unit: 'bytes',
          line: LINES.recordWaitingBytes,
          queries: [{ expr: 'cleaver_record_waiting_bytes', legend: '{{instance}}' }],
          logs: LOGS,
        },
        {
          title: 'Recorded',
          description:
            'Rows that are answered and rows that are written down; the second is 0 where CLEAVER_RECORD is off.',
          unit: 'rowsps',
          line: LINES.requestsPerSecond,
          queries: [
            { expr: `sum(rate(cleaver_rows_scored_total${RATE}))`, legend: 'answered' },
            { expr: `sum(rate(cleaver_record_written_total${RATE}))`, legend: 'written' },
          ],
          logs: LOGS,
        },
      ],
    },
  ],
};

function quantile(share: number): Query {
  return {
    expr: `histogram_quantile(${share}, sum by (le) (rate(${TIMES}_bucket{${SCORING}}${RATE})))`,
    legend: `${share * 100} %`,
  };
}
