import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { installLogs } from './install.ts';
import { savedObjects } from './saved-objects.ts';

interface Asked {
  request: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Answers as a store or its dashboards do: by what it is given for a request, else by what it was told before. */
async function fakeStore(answers: Record<string, unknown> = {}) {
  const asked: Asked[] = [];
  const put = new Map<string, unknown>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      asked.push({ request: `${method} ${url}`, headers, body });
      const given = answers[`${method} ${url}`] ?? answers[url];
      if (method === 'PUT') put.set(url, body === '' ? {} : JSON.parse(body));
      const known = method === 'PUT' || method === 'POST' ? { acknowledged: true } : put.get(url);
      const answer = given ?? known;
      response.statusCode = typeof answer === 'number' ? answer : answer === undefined ? 404 : 200;
      response.end(JSON.stringify(typeof answer === 'number' ? { error: `status ${answer}` } : (answer ?? {})));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, requests: () => asked.map(({ request }) => request) };
}

const opensearch = { '/': { version: { distribution: 'opensearch', number: '3.6.0' } } };
const elasticsearch = { '/': { version: { number: '8.19.0' } } };
const ism = '/_plugins/_ism/policies/cleaver-logs';

async function install(storeUrl: string, dashboardsUrl?: string) {
  const told: string[] = [];
  const installed = await installLogs({ storeUrl, dashboardsUrl, tell: (line) => void told.push(line) });
  return { ...installed, told };
}

describe('an OpenSearch', () => {
  test('gets the pipeline before the template that names it, the policy, and both data streams', async () => {
    const store = await fakeStore(opensearch);
    expect(await install(store.url)).toMatchObject({ store: 'opensearch', retention: true });
    expect(store.requests().filter((request) => !request.startsWith('GET'))).toEqual([
      'PUT /_ingest/pipeline/cleaver-logs',
      `PUT ${ism}`,
      'PUT /_index_template/cleaver-logs',
      'PUT /_data_stream/cleaver-logs',
      'PUT /_index_template/cleaver-logs-rejected',
      'PUT /_data_stream/cleaver-logs-rejected',
    ]);
  });

  test('gets a changed policy over the one that it has', async () => {
    const store = await fakeStore({ ...opensearch, [`GET ${ism}`]: { _seq_no: 7, _primary_term: 2, policy: {} } });
    await install(store.url);
    expect(store.requests()).toContain(`PUT ${ism}?if_seq_no=7&if_primary_term=2`);
  });

  test('without the plugin for retention gets all else, and it is said that nothing is deleted', async () => {
    const store = await fakeStore({ ...opensearch, [`GET ${ism}`]: 400 });
    const { retention, told } = await install(store.url);
    expect(retention).toBe(false);
    expect(told).toContainEqual(expect.stringMatching(/lacks the plugin.*nothing is ever deleted/));
    expect(store.requests()).toContain('PUT /_index_template/cleaver-logs');
  });

  test('that has it all is left with the index that it writes to', async () => {
    const store = await fakeStore(opensearch);
    await install(store.url);
    await install(store.url);
    expect(
      store.requests().filter((request) => request.includes('_data_stream') && request.startsWith('PUT')),
    ).toHaveLength(2);
    expect(store.requests().filter((request) => request.includes('_rollover'))).toEqual([]);
  });

  test('whose template has changed begins its next index', async () => {
    const store = await fakeStore({ ...opensearch, 'GET /_data_stream/cleaver-logs': {} });
    await install(store.url);
    expect(store.requests()).toContain('POST /cleaver-logs/_rollover');
  });
});

test('an Elasticsearch gets its own policy, which its templates name', async () => {
  const store = await fakeStore(elasticsearch);
  expect(await install(store.url)).toMatchObject({ store: 'elasticsearch', retention: true });
  expect(store.requests()).toContain('PUT /_ilm/policy/cleaver-logs');
  const template = store.asked.find(({ request }) => request === 'PUT /_index_template/cleaver-logs-rejected');
  expect(JSON.parse(template?.body ?? '')).toMatchObject({
    template: { settings: { 'index.lifecycle.name': 'cleaver-logs' } },
  });
});

test('user and password of the address are sent, and are in no line', async () => {
  const store = await fakeStore({ ...opensearch, '/api/saved_objects/_import?overwrite=true': { success: true } });
  const url = store.url.replace('//', '//shop:p%40ss@');
  const { told } = await install(url, url);
  const authorization = `Basic ${Buffer.from('shop:p@ss').toString('base64')}`;
  expect(store.asked.length).toBeGreaterThan(5);
  for (const { headers } of store.asked) expect(headers).toMatchObject({ authorization });
  expect(told.join()).not.toMatch(/p%40ss|p@ss/);
});

describe('dashboards', () => {
  test.each([
    ['osd-xsrf', opensearch],
    ['kbn-xsrf', elasticsearch],
  ])('get every object, over those that they have, with %s', async (header, answers) => {
    const store = await fakeStore(answers);
    const dashboards = await fakeStore({ '/api/saved_objects/_import?overwrite=true': { success: true } });
    const { told } = await install(store.url, dashboards.url);
    const [{ headers, body } = { headers: {}, body: '' }] = dashboards.asked;
    expect(headers).toMatchObject({ [header]: 'true' });
    for (const { id } of savedObjects()) expect(body).toContain(`"id":"${id}"`);
    expect(told.at(-1)).toContain(dashboards.url);
  });

  test('that take not all of them are an error that says which', async () => {
    const store = await fakeStore(opensearch);
    const errors = [{ id: 'cleaver-failed', error: { type: 'unknown' } }];
    const dashboards = await fakeStore({ '/api/saved_objects/_import?overwrite=true': { success: false, errors } });
    await expect(install(store.url, dashboards.url)).rejects.toMatchObject({
      code: 'LOGS_REFUSED',
      message: expect.stringContaining('cleaver-failed') as string,
    });
  });
});

describe('for you to mend:', () => {
  test('a store that does not answer', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await expect(install(`http://shop:secret@127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'LOGS_UNREACHABLE',
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/) as string,
    });
  });

  test('an address that is none', async () => {
    await expect(install('127.0.0.1:9200')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('something that is no store', async () => {
    const { url } = await fakeStore({ '/': { hello: 'there' } });
    await expect(install(url)).rejects.toMatchObject({
      code: 'LOGS_REFUSED',
      message: expect.stringContaining('neither OpenSearch nor') as string,
    });
  });

  test.each([
    [401, /user and password/],
    [500, /what the answer says/],
  ])('an answer of %i', async (status, hint) => {
    const { url } = await fakeStore({ ...opensearch, 'PUT /_ingest/pipeline/cleaver-logs': status });
    await expect(install(url)).rejects.toMatchObject({
      code: 'LOGS_REFUSED',
      message: expect.stringContaining(`answered by ${status}`) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });
});
