import { OPENSEARCH_URL } from '../component.ts';

export interface Hit {
  _id: string;
  _source: Record<string, unknown>;
}

export interface Found {
  hits: { total: { value: number }; hits: Hit[] };
  aggregations?: Record<string, unknown>;
}

/** For tests: asks the store; its error is thrown with all that it says. */
export async function searchStore(index: string, request: object): Promise<Found> {
  return (await ask(`/${index}/_search`, JSON.stringify(request), 'application/json')) as Found;
}

/** The lines that Lucene's `query` finds, newest first. */
export async function linesOf(index: string, query: string): Promise<Record<string, unknown>[]> {
  const request = { query: { query_string: { query } }, size: 1000, sort: [{ '@timestamp': 'desc' }] };
  return (await searchStore(index, request)).hits.hits.map(({ _source: line }) => line);
}

/** Sends lines as a shipper does, in one bulk; answers the status that each has got. */
export async function sendLines(index: string, lines: readonly object[]): Promise<number[]> {
  const body = lines.map((line) => `${JSON.stringify({ create: {} })}\n${JSON.stringify(line)}\n`).join('');
  const answer = await ask(`/${index}/_bulk?refresh=true`, body, 'application/x-ndjson');
  return (answer as { items: { create: { status: number } }[] }).items.map(({ create }) => create.status);
}

/** Removes the lines of a test. */
export async function deleteLines(index: string, query: string): Promise<void> {
  const request = JSON.stringify({ query: { query_string: { query } } });
  await ask(`/${index}/_delete_by_query?conflicts=proceed`, request, 'application/json');
}

async function ask(path: string, body: string, type: string): Promise<unknown> {
  const response = await fetch(`${OPENSEARCH_URL}${path}`, { method: 'POST', body, headers: { 'content-type': type } });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}
