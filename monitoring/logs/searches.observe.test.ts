import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { noOpenSearch, OPENSEARCH_URL } from '../component.ts';
import { FIELDS, MALFORMED } from './fields.ts';
import { LOGS, REJECTED } from './index-template.ts';
import { installLogs } from './install.ts';
import { queryOf } from './saved-queries.ts';
import { savedObjects } from './saved-objects.ts';
import { searchStore, sendLines } from './sent-lines.ts';

const missing = await noOpenSearch();

/** So that only this test's lines are looked at. */
const service = `cleaver-${randomUUID()}`;
const only = { term: { 'service.name': service } };

const request = { 'http.request.method': 'POST', 'url.path': '/predict/:model', 'labels.model': 'shop' };
const run = { 'event.action': 'run-done', 'event.outcome': 'success', 'labels.model': 'shop' };

/** By a name of its own, what the service and the pipeline write. */
const SENT: Record<string, object> = {
  good: { ...request, 'log.level': 'info', 'http.response.status_code': 200, 'event.duration': 2_000_000 },
  unknown: { ...request, 'log.level': 'warn', 'http.response.status_code': 404, 'error.code': 'MODEL_UNKNOWN' },
  busy: { ...request, 'log.level': 'error', 'http.response.status_code': 503, 'error.code': 'OVERLOADED' },
  loaded: { 'log.level': 'info', 'event.action': 'model-loaded', 'labels.model': 'shop', 'labels.version': 'v3' },
  etl: { ...run, 'log.level': 'info', 'labels.step': 'etl', 'cleaver.outcome': 'done', 'event.duration': 7e9 },
  gate: { ...run, 'log.level': 'info', 'labels.step': 'evaluate', 'cleaver.outcome': 'refused', 'event.duration': 3e9 },
  crashed: {
    'log.level': 'error',
    'event.action': 'command-failed',
    'labels.step': 'train',
    'labels.run_id': 'train-1',
    'error.type': 'CleaverError',
    'error.code': 'TRAINER_CRASHED',
  },
  malformed: { 'log.level': 'info', 'http.response.status_code': 'often' },
};

/** What each saved search shows of it. */
const SEARCHES: Record<string, string[]> = {
  'cleaver-failed': ['busy', 'crashed'],
  'cleaver-requests': ['busy', 'good', 'unknown'],
  'cleaver-failed-requests': ['busy', 'unknown'],
  'cleaver-runs': ['etl', 'gate'],
  'cleaver-failed-commands': ['crashed'],
  'cleaver-model-changes': ['loaded'],
  'cleaver-malformed': ['malformed'],
  'cleaver-rejected': ['rejected'],
};

/** What each panel shows: the buckets' keys below one another, and the figure; all lines are of one time. */
const PANELS: Record<string, Record<string, number>> = {
  'cleaver-panel-levels': { info: 5, warn: 1, error: 2 },
  'cleaver-panel-status': { 200: 1, 404: 1, 503: 1 },
  'cleaver-panel-codes': { 'MODEL_UNKNOWN shop': 1, 'OVERLOADED shop': 1 },
  'cleaver-panel-durations': { '/predict/:model': 2_000_000 },
  'cleaver-panel-runs': { 'etl done': 1, 'evaluate refused': 1 },
  'cleaver-panel-run-durations': { etl: 7e9, evaluate: 3e9 },
  'cleaver-panel-failed-commands': { 'train CleaverError': 1 },
};

interface Bucket {
  key: string | number;
  key_as_string?: string;
  doc_count: number;
  [id: string]: unknown;
}

/** An answer's figures by the keys of their buckets. */
function figuresOf(aggregations: Record<string, unknown>, keys: readonly string[] = []): [string, number][] {
  return Object.values(aggregations).flatMap((value) => {
    const { buckets } = Object(value) as { buckets?: Bucket[] };
    return (buckets ?? []).flatMap(({ key, key_as_string: time, doc_count: count, ...below }): [string, number][] => {
      const path = time === undefined ? [...keys, String(key)] : keys;
      const deeper = figuresOf(below, path);
      if (deeper.length > 0 || Object.values(below).some((one) => 'buckets' in Object(one))) return deeper;
      return [[path.join(' '), metricOf(below) ?? count]];
    });
  });
}

function metricOf(below: Record<string, unknown>): number | undefined {
  const [metric] = Object.values(below) as { value?: number; values?: Record<string, number> }[];
  return metric?.value ?? metric?.values?.['50.0'];
}

describe.skipIf(missing)(
  `saved searches and the dashboard in OpenSearch${missing ? ` (left out: ${missing})` : ''}`,
  () => {
    beforeAll(async () => {
      await installLogs({ storeUrl: OPENSEARCH_URL, tell: () => undefined });
      const common = { '@timestamp': new Date().toISOString(), 'service.name': service };
      const lines = Object.entries(SENT).map(([name, fields]) => ({ ...common, ...fields, message: name }));
      expect(new Set(await sendLines(LOGS, lines))).toEqual(new Set([201]));
      const rejected = {
        '@timestamp': new Date().toISOString(),
        message: `rejected ${service}`,
        error_reason: 'no JSON',
      };
      expect(await sendLines(REJECTED, [rejected])).toEqual([201]);
    });

    test.each(savedObjects().filter(({ type }) => type === 'search'))(
      'the search $id shows what was sent',
      async (object) => {
        const filter = object.id === 'cleaver-rejected' ? { match_phrase: { message: service } } : only;
        const { index, request: asked } = queryOf(object, filter);
        const { hits } = (await searchStore(index, asked)).hits;
        expect(hits.map(({ _source: line }) => String(line['message']).split(' ')[0]).sort()).toEqual(
          SEARCHES[object.id],
        );
      },
    );

    test.each(savedObjects().filter(({ type }) => type === 'visualization'))(
      'the panel $id shows what was sent',
      async (object) => {
        const { index, request: asked } = queryOf(object, only);
        const { aggregations = {} } = await searchStore(index, asked);
        expect(Object.fromEntries(figuresOf(aggregations))).toEqual(PANELS[object.id]);
      },
    );

    test('each column of a search and each field of a panel is one that the store has indexed', () => {
      const known = new Set([...Object.keys(FIELDS), MALFORMED, 'error_reason']);
      const fields = savedObjects().flatMap(({ attributes }) => [
        ...((attributes['columns'] as string[] | undefined) ?? []),
        ...[...((attributes['visState'] as string | undefined) ?? '').matchAll(/"field":"([^"]+)"/g)].map(
          ([, field]) => field ?? '',
        ),
      ]);
      expect(fields.length).toBeGreaterThan(20);
      expect(fields.filter((field) => !known.has(field))).toEqual([]);
    });

    test('a line as Fluent Bit sends it is taken, also one that was no JSON', async () => {
      const id = randomUUID();
      const statuses = await sendLines(LOGS, [
        { '@fluent-bit-time': '2026-01-01T00:00:00.000Z', '@timestamp': '2026-01-01T00:00:00.123Z', 'trace.id': id },
        { '@fluent-bit-time': '2026-01-01T00:00:00.000Z', log: `no JSON ${id}` },
      ]);
      expect(statuses).toEqual([201, 201]);
      const { hits } = await searchStore(LOGS, { query: { query_string: { query: `"${id}"` } } });
      expect(hits.hits.map(({ _source: line }) => line['message'] ?? line['@timestamp']).sort()).toEqual([
        '2026-01-01T00:00:00.123Z',
        `no JSON ${id}`,
      ]);
    });
  },
);
