import { LOGS, REJECTED } from './index-template.ts';

export interface SavedSearch {
  id: string;
  title: string;
  description: string;
  index: string;
  /** In Lucene's syntax; empty: everything. */
  query: string;
  columns: string[];
}

export interface Aggregation {
  type: 'count' | 'terms' | 'date_histogram' | 'percentiles' | 'avg' | 'max';
  schema: 'metric' | 'segment' | 'group' | 'bucket';
  params: Record<string, unknown>;
}

export interface Panel {
  id: string;
  title: string;
  description: string;
  query: string;
  kind: 'histogram' | 'line' | 'table' | 'metric';
  aggregations: Aggregation[];
}

const ERRORS = ['labels.model', 'labels.step', 'error.code', 'error.message', 'trace.id'];

/** Put `trace.id:"…"` or `labels.run_id:"…"` behind any of them with AND. */
export const SEARCHES: readonly SavedSearch[] = [
  {
    id: 'cleaver-failed',
    title: 'Cleaver: all that failed',
    description: 'Errors of the service and the pipeline, and requests that were answered by a 5xx.',
    index: LOGS,
    query: 'log.level:error',
    columns: ['message', ...ERRORS],
  },
  {
    id: 'cleaver-requests',
    title: 'Cleaver: requests',
    description: 'One line a request; of the good ones a sample. trace.id is the x-request-id of the answer.',
    index: LOGS,
    query: '_exists_:http.response.status_code',
    columns: [
      ...['http.request.method', 'url.path', 'http.response.status_code', 'event.duration', 'labels.model'],
      ...['error.code', 'trace.id'],
    ],
  },
  {
    id: 'cleaver-failed-requests',
    title: 'Cleaver: failed requests',
    description: 'Answered by 4xx or 5xx, each with the code of its error.',
    index: LOGS,
    query: 'http.response.status_code:[400 TO *]',
    columns: ['http.response.status_code', 'error.code', 'url.path', 'labels.model', 'trace.id'],
  },
  {
    id: 'cleaver-runs',
    title: 'Cleaver: runs of the pipeline',
    description: 'One line for each run record, with its outcome and its duration.',
    index: LOGS,
    query: 'event.action:run-done',
    columns: ['labels.model', 'labels.step', 'cleaver.outcome', 'event.duration', 'labels.as_of', 'labels.run_id'],
  },
  {
    id: 'cleaver-failed-commands',
    title: 'Cleaver: failed commands of the pipeline',
    description: 'With the code, the step and the run at which they failed.',
    index: LOGS,
    query: 'event.action:command-failed',
    columns: ['labels.run_id', ...ERRORS],
  },
  {
    id: 'cleaver-model-changes',
    title: 'Cleaver: models that the service loaded, or could not',
    description: 'When which version began to answer.',
    index: LOGS,
    query: 'event.action:model-*',
    columns: ['event.action', 'labels.model', 'labels.version', 'message'],
  },
  {
    id: 'cleaver-malformed',
    title: 'Cleaver: lines with a field of a wrong type',
    description: 'The field and its value are in cleaver.malformed; the rest of the line is indexed.',
    index: LOGS,
    query: '_exists_:cleaver.malformed',
    columns: ['cleaver.malformed', 'message', 'service.version'],
  },
  {
    id: 'cleaver-rejected',
    title: 'Cleaver: rejected lines',
    description: 'What the store refused, or what was no JSON, as text with the reason.',
    index: REJECTED,
    query: '',
    columns: ['error_reason', 'message'],
  },
];

const count: Aggregation = { type: 'count', schema: 'metric', params: {} };
const overTime: Aggregation = {
  type: 'date_histogram',
  schema: 'segment',
  params: { field: '@timestamp', interval: 'auto', min_doc_count: 1 },
};
const by = (field: string, schema: 'group' | 'bucket' = 'group', size = 10): Aggregation => ({
  type: 'terms',
  schema,
  params: { field, size, order: 'desc', orderBy: '1' },
});

export const PANELS: readonly Panel[] = [
  {
    id: 'cleaver-panel-levels',
    title: 'Lines by level',
    description: 'How many lines, by level.',
    query: '',
    kind: 'histogram',
    aggregations: [count, overTime, by('log.level')],
  },
  {
    id: 'cleaver-panel-status',
    title: 'Requests by status',
    description: 'Logged requests: of the good ones a sample, so that this is no rate; the rate is in Grafana.',
    query: '_exists_:http.response.status_code',
    kind: 'histogram',
    aggregations: [count, overTime, by('http.response.status_code')],
  },
  {
    id: 'cleaver-panel-codes',
    title: 'Errors by code',
    description: 'The codes of docs/errors.md, the most frequent first.',
    query: '_exists_:error.code',
    kind: 'table',
    aggregations: [count, by('error.code', 'bucket', 20), by('labels.model', 'bucket', 5)],
  },
  {
    id: 'cleaver-panel-durations',
    title: 'Duration of logged requests, in nanoseconds',
    description: 'Median and 95th percentile by route.',
    query: '_exists_:http.response.status_code',
    kind: 'table',
    aggregations: [
      { type: 'percentiles', schema: 'metric', params: { field: 'event.duration', percents: [50, 95] } },
      { ...by('url.path', 'bucket'), params: { field: 'url.path', size: 10, order: 'desc', orderBy: '_key' } },
    ],
  },
  {
    id: 'cleaver-panel-runs',
    title: 'Runs by step and outcome',
    description: 'Run records of the pipeline.',
    query: 'event.action:run-done',
    kind: 'table',
    aggregations: [count, by('labels.step', 'bucket'), by('cleaver.outcome', 'bucket')],
  },
  {
    id: 'cleaver-panel-run-durations',
    title: 'Longest run by step, in nanoseconds',
    description: 'How long the longest run of each step took, over time.',
    query: 'event.action:run-done',
    kind: 'line',
    aggregations: [{ type: 'max', schema: 'metric', params: { field: 'event.duration' } }, overTime, by('labels.step')],
  },
  {
    id: 'cleaver-panel-failed-commands',
    title: 'Failed commands by step and code',
    description: 'Commands of the pipeline that ended with an error.',
    query: 'event.action:command-failed',
    kind: 'table',
    aggregations: [count, by('labels.step', 'bucket'), by('error.type', 'bucket')],
  },
];
