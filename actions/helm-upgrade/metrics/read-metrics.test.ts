import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parsePods } from '../cluster/pods.ts';
import { podOf } from '../fake-cluster.ts';
import { metricsReader } from './read-metrics.ts';

const pods = parsePods(JSON.stringify({ items: [podOf('one'), podOf('other')] }));
const cluster = { metricsPage: ({ metadata }: (typeof pods)[0]) => Promise.resolve(`page{of="${metadata.name}"} 1\n`) };

/** A Prometheus with one answer. */
async function prometheus(status: number, answer: object): Promise<{ url: string; queries: string[] }> {
  const queries: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      queries.push(`${request.url ?? ''} ${new URLSearchParams(body).get('query') ?? ''}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prom`, queries };
}

const read = async (prometheusUrl: string, from = cluster) => {
  const troubles: string[] = [];
  const onTrouble = (text: string) => troubles.push(text);
  const reader = metricsReader({ cluster: from, namespace: 'shop', prometheusUrl, onTrouble });
  return { found: Object.fromEntries(await reader(pods)), troubles };
};

const page = (of: string) => [{ name: 'page', labels: { of }, value: 1 }];

test('without a Prometheus the pods are asked', async () => {
  expect((await read('')).found).toEqual({ 'uid-one': page('one'), 'uid-other': page('other') });
});

test('a pod that gives nothing is left out', async () => {
  const silent = { metricsPage: () => Promise.resolve(undefined) };
  expect((await read('', silent as unknown as typeof cluster)).found).toEqual({});
});

test('with one it is asked, and of the pods only what it does not know', async () => {
  const metric = { __name__: 'cleaver_rows', pod: 'one', model: 'shop' };
  const { url, queries } = await prometheus(200, {
    status: 'success',
    data: { result: [{ metric, value: [1, '5'] }] },
  });
  const { found, troubles } = await read(url);
  expect(found).toEqual({
    'uid-one': [{ name: 'cleaver_rows', labels: { model: 'shop' }, value: 5 }],
    'uid-other': page('other'),
  });
  expect(troubles).toEqual([]);
  expect(queries).toEqual([
    '/prom/api/v1/query {__name__=~"cleaver_.+|process_resident_memory_bytes",namespace="shop",pod=~"one|other"}',
  ]);
});

test('one that answers with an error is told of, and the pods are asked', async () => {
  const { url } = await prometheus(500, { status: 'error', error: 'overloaded' });
  const { found, troubles } = await read(url);
  expect(found).toEqual({ 'uid-one': page('one'), 'uid-other': page('other') });
  expect(troubles).toEqual([expect.stringContaining('Prometheus does not answer, the pods are asked')]);
});
