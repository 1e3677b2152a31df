import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { sampleReport } from '../../tests/support/sample-report.ts';
import { type FakeService, openFakeService } from '../../tests/support/fake-service.ts';

let service: FakeService;

beforeEach(async () => {
  service = await openFakeService();
});

afterEach(async () => {
  await service.models.close();
});

async function page(address = '/admin'): Promise<string> {
  const response = await service.app.request(address);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/html');
  return (await response.text()).replaceAll(/\s+/g, ' ');
}

describe('/admin', () => {
  test('is where the root leads', async () => {
    const response = await service.app.request('/');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/admin']);
  });

  test('opens with the headline, the figures, the arms and what happened, newest first', async () => {
    service.reports.set('shop', sampleReport());
    const html = await page();
    expect(html).toContain('brought in 0.42 EUR more each');
    expect(html).toContain('v1 answers requests');
    expect(html).toContain('<th scope="row">Acted on</th> <td>1,800</td>');
    expect(html.indexOf('v2 promoted: AUC')).toBeGreaterThan(0);
    expect(html.indexOf('v2 promoted: AUC')).toBeLessThan(html.indexOf('v1 promoted: the first'));
  });

  test('escapes every text of the report', async () => {
    const evil = '<script>alert("x")</script>';
    const marks = [{ day: evil, kind: 'drift' as const, version: evil, text: evil }];
    service.reports.set('shop', sampleReport({ title: evil, asOf: evil, champion: evil, valueUnit: evil, marks }));
    const html = await page();
    expect(html).not.toContain('<script>');
    expect(html.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(5);
  });

  test('has no script or style within the page, as its own policy asks', async () => {
    service.reports.set('shop', sampleReport());
    expect(await page()).not.toMatch(/<style|style=|<script(?! (?:defer|type="module") src="\/assets\/)|\son\w+=/);
  });

  test('explains a report that is not there yet, and an empty registry', async () => {
    expect(await page()).toContain('npx cleaver loop --model shop');
    service.registry.remove('shop');
    await service.models.refresh();
    expect(await page()).toContain('<code>npx cleaver loop</code>');
  });

  test('explains a report that cannot be read, and goes on telling what is served', async () => {
    service.reports.get = () => {
      throw new CleaverError('REPORT_INVALID', 'shop.json is not a report.', { hint: 'Write it anew.' });
    };
    const html = await page('/admin/shop');
    expect(html).toContain('The report cannot be read.');
    expect(html).toContain('shop.json is not a report. Write it anew.');
    expect(html).toContain('v1 answers requests');
  });

  test('does not take a bug of ours for a report that cannot be read', async () => {
    service.reports.get = () => {
      throw new TypeError('secret detail');
    };
    const response = await service.app.request('/admin/shop');
    const body = await response.text();
    expect([response.status, JSON.parse(body)]).toMatchObject([500, { code: 'INTERNAL' }]);
    expect(body).not.toContain('secret');
    expect(service.lines.join('\n')).toContain('TypeError: secret detail');
  });

  test('says when the champion does not load', async () => {
    service.registry.add('shop', 'v2', 'wide');
    await service.registry.promote('shop', 'v2');
    await service.models.refresh();
    expect(await page()).toContain('v1 answers requests, as its successor does not load');
  });

  test('lets choose among models, those with only a report too', async () => {
    service.reports.set('churn', sampleReport({ model: 'churn', title: 'Who leaves' }));
    expect(await page()).toContain('Who leaves');
    const html = await page('/admin/shop');
    expect(html).toMatch(/href="\/admin\/churn"\s*>churn/);
    expect(html).toMatch(/href="\/admin\/shop" aria-current=page\s*>shop/);
  });

  test('does not know other models', async () => {
    const response = await service.app.request('/admin/shoe');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'MODEL_UNKNOWN', hint: 'There are: shop.' });
  });
});

describe('/reports', () => {
  test('is the report, and is not sent again unchanged', async () => {
    service.reports.set('shop', sampleReport());
    const response = await service.app.request('/reports/shop');
    expect(await response.json()).toEqual(sampleReport());
    const etag = response.headers.get('etag') ?? '';
    const again = await service.app.request('/reports/shop', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    service.reports.set('shop', sampleReport({ asOf: '2025-01-29' }));
    const changed = await service.app.request('/reports/shop', { headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
  });

  test('tells a report not made yet from a model that there is not', async () => {
    const missing = await service.app.request('/reports/shop');
    expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'REPORT_MISSING' }]);
    const unknown = await service.app.request('/reports/shoe');
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'MODEL_UNKNOWN' }]);
  });
});

describe('/assets', () => {
  test('holds every file that the page names, of the right type', async () => {
    const names = [...(await page()).matchAll(/"(\/assets\/[^"]+)"/g)].map(([, name]) => name ?? '');
    expect(names).toHaveLength(5);
    const imports = /from '\.\/([^']+)'/g;
    const types = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };
    // Grows while it is walked: scripts name more of them.
    for (const name of names) {
      const response = await service.app.request(name);
      expect(response.status).toBe(200);
      const extension = name.split('.').at(-1) as keyof typeof types;
      expect(response.headers.get('content-type')).toContain(types[extension]);
      for (const [, file] of (await response.text()).matchAll(imports)) names.push(`/assets/${file ?? ''}`);
    }
    expect(new Set(names).size).toBe(8);
  });

  test('holds nothing else', async () => {
    for (const name of ['admin.ts', '..%2fassets.ts', '%2e%2e%2f%2e%2e%2fpackage.json', 'constructor']) {
      expect((await service.app.request(`/assets/${name}`)).status).toBe(404);
    }
  });
});
