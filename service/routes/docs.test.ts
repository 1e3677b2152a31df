import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeService, openFakeService } from '../../tests/support/fake-service.ts';
import { docsRoutes } from './docs.ts';

let service: FakeService;
let app: { request: Hono['request'] };

beforeEach(async () => {
  service = await openFakeService();
  app = new Hono().route('/', docsRoutes({ models: service.models, serverVersion: '1.2.3', asksForKeys: false }));
});

afterEach(async () => {
  await service.models.close();
});

interface Document {
  openapi: string;
  info: { version: string };
  paths: Record<string, { post?: { summary: string } }>;
  components: { schemas: Record<string, { properties?: object }> };
}

async function document(): Promise<Document> {
  return (await (await app.request('/openapi.json')).json()) as Document;
}

describe('/openapi.json', () => {
  test('is an OpenAPI 3.1 document with the features of the models that are served', async () => {
    const { openapi, info, paths, components } = await document();
    expect([openapi, info.version]).toEqual(['3.1.0', '1.2.3']);
    expect(paths['/predict/shop']?.post?.summary).toContain('shop v1');
    expect(Object.keys(components.schemas['Row_shop']?.properties ?? {})).toEqual(['orders', 'tier']);
  });

  test('is another one when another version is served, and the same as long as none is', async () => {
    const first = await app.request('/openapi.json');
    const etag = first.headers.get('etag') ?? '';
    const again = await app.request('/openapi.json', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    service.registry.add('shop', 'v2', 'second');
    await service.registry.promote('shop', 'v2');
    await service.models.refresh();
    expect((await document()).paths['/predict/shop']?.post?.summary).toContain('shop v2');
  });

  test('costs a server nothing before somebody asks: what makes it is not loaded', async () => {
    const program = `
      import { registerHooks } from 'node:module';
      const files = [];
      registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
      await import(${JSON.stringify(new URL('../server.ts', import.meta.url).href)});
      console.log(JSON.stringify(files));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    const files = JSON.parse(stdout) as string[];
    expect(files.filter((file) => /zod-to-openapi|zod-openapi|service\/openapi\/document\.ts/.test(file))).toEqual([]);
    expect(files.some((file) => file.endsWith('service/routes/docs.ts'))).toBe(true);
  });

  test('leaves out a model that no version of answers, and decisions where there is no experiment', async () => {
    service.registry.add('young', 'v1', 'first');
    await service.models.refresh();
    expect(Object.keys((await document()).paths)).not.toContain('/predict/young');
    expect(Object.keys((await document()).paths)).toContain('/decide/shop');
    const plain = await openFakeService({ experiment: undefined });
    const routes = docsRoutes({ models: plain.models, serverVersion: '1.2.3', asksForKeys: false });
    const { paths } = (await (await routes.request('/openapi.json')).json()) as Document;
    expect(Object.keys(paths)).toContain('/predict/shop');
    expect(Object.keys(paths)).not.toContain('/decide/shop');
    await plain.models.close();
  });
});

describe('/docs', () => {
  async function page(): Promise<string> {
    return await (await app.request('http://service.example/docs')).text();
  }

  test('shows every operation, with a request that can be copied', async () => {
    const text = await page();
    for (const path of Object.keys((await document()).paths)) expect(text).toContain(`</span> ${path}</code>`);
    expect(text).toContain('curl http://service.example/predict/shop -d &#39;{&quot;row&quot;:{&quot;orders&quot;:1');
    expect(text).toContain('curl http://service.example/v2/models/shop/versions/v1/ready');
  });

  test('shows every schema, and links only to what it has', async () => {
    const text = await page();
    const anchors = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = new Set([...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id));
    expect([...links].filter((link) => !anchors.has(link))).toEqual([]);
    expect(links.size).toBeGreaterThan(30);
    expect(text).toContain('<code>FEATURE_MISSING</code>: A request lacks a feature.');
  });

  test('loads nothing but files of the service, and has no script or style of its own', async () => {
    const text = await page();
    expect([...text.matchAll(/(?:src|<link[^>]* href)="([^"]+)"/g)].map(([, file]) => file)).toEqual([
      '/assets/icon.svg',
      '/assets/admin.css',
      '/docs/docs.css',
    ]);
    expect(text).not.toMatch(/<script|<style| style=/);
    const style = await app.request('/docs/docs.css');
    expect([style.headers.get('content-type'), (await style.text()).includes('.method')]).toEqual([
      'text/css; charset=utf-8',
      true,
    ]);
  });

  test('shows text of a manifest as text, and quotes it for the shell', async () => {
    const [version] = await service.registry.versions('shop');
    if (version === undefined) throw new Error('shop has no version');
    const values = ["it's", '<b>gold</b>'];
    version.features = { orders: { type: 'number' }, tier: { type: 'category', values } };
    const text = await page();
    expect(text).toContain(String.raw`&quot;it&#39;\&#39;&#39;s&quot;`);
    expect(text).toContain('&lt;b&gt;gold&lt;/b&gt;');
    expect(text).not.toContain('<b>gold');
  });

  test('is there before a model is', async () => {
    service.registry.remove('shop');
    await service.models.refresh();
    expect(await page()).toContain('curl http://service.example/predict/shop');
  });
});
