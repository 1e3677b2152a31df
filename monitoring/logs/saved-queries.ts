import type { SavedObject } from './saved-objects.ts';

interface VisAggregation {
  id: string;
  type: string;
  schema: string;
  params: Record<string, unknown>;
}

export interface SavedQuery {
  id: string;
  type: SavedObject['type'];
  index: string;
  request: { query: object; aggs: Record<string, unknown>; size: number };
}

/**
 * For tests: what OpenSearch Dashboards and Kibana ask the store when they show a saved search or panel, read from the
 * object as it is imported. The time of the page is left to the caller's `filter`.
 */
export function queryOf({ id, type, attributes, references }: SavedObject, filter: object): SavedQuery {
  const { searchSourceJSON } = attributes['kibanaSavedObjectMeta'] as { searchSourceJSON: string };
  const source = JSON.parse(searchSourceJSON) as { query: { query: string; language: string }; indexRefName: string };
  if (source.query.language !== 'lucene') throw new Error(`${id} is not in Lucene's syntax`);
  const index = references.find(({ name }) => name === source.indexRefName)?.id ?? '';
  const text = source.query.query;
  const must = text === '' ? { match_all: {} } : { query_string: { query: text, analyze_wildcard: true } };
  const vis = JSON.parse((attributes['visState'] as string | undefined) ?? '{"aggs":[]}') as { aggs: VisAggregation[] };
  const query = { bool: { must: [must], filter: [filter] } };
  return { id, type, index, request: { query, aggs: nested(vis.aggs), size: type === 'search' ? 500 : 0 } };
}

/** Buckets in one another, the metrics within the innermost; each under its own id. */
function nested(aggregations: readonly VisAggregation[]): Record<string, unknown> {
  const metrics = aggregations.filter(({ schema, type }) => schema === 'metric' && type !== 'count');
  const buckets = aggregations.filter(({ schema }) => schema !== 'metric');
  const inner = Object.fromEntries(metrics.map(({ id, type, params }) => [id, { [type]: params }]));
  return buckets.reduceRight<Record<string, unknown>>((below, { id, type, params }) => {
    return { [id]: { [type]: bucketParams(type, params, metrics), aggs: { ...below, ...inner } } };
  }, inner);
}

function bucketParams(type: string, params: Record<string, unknown>, metrics: readonly VisAggregation[]): object {
  const { field, size, order, orderBy, min_doc_count: least } = params;
  if (type === 'date_histogram') return { field, fixed_interval: '30s', min_doc_count: least };
  const metric = metrics.find(({ id }) => id === orderBy);
  const by = orderBy === '_key' ? '_key' : metric === undefined ? '_count' : metric.id;
  return { field, size, order: { [by]: order } };
}
