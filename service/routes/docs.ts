import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { OpenApiDocument } from '../openapi/document.ts';
import { type DocumentedModel, documentedModels, documentKey } from '../openapi/documented-models.ts';
import type { ServedModels } from '../models/served-models.ts';

const STYLE = new URL('../openapi/docs.css', import.meta.url);

export interface DocsOptions {
  models: Pick<ServedModels, 'statuses' | 'use'>;
  serverVersion: string;
  /** Whether requests need an API key. */
  asksForKeys: boolean;
}

/**
 * `GET /openapi.json`, the OpenAPI document with the models that are served now; `GET /docs`, the same for people, and
 * its style. Nothing is loaded or made before somebody asks, and then once for each set of versions.
 */
export function docsRoutes(options: DocsOptions): Hono {
  const current = cachedDocument(options);
  const routes = new Hono();
  routes
    .get('/openapi.json', etag(), async (context) => {
      const { document } = await current();
      return context.json(document, 200, { 'cache-control': 'no-cache' });
    })
    .get('/docs', etag(), async (context) => {
      const { docsPage } = await import('../openapi/page.ts');
      const { document, models: documented } = await current();
      const { model, version } = documented[0] ?? { model: 'shop', version: 'v1' };
      return await context.html(docsPage(document, { origin: new URL(context.req.url).origin, model, version }));
    })
    .get('/docs/docs.css', etag(), async (context) =>
      context.body(await readFile(STYLE, 'utf8'), 200, {
        'content-type': 'text/css; charset=utf-8',
        'cache-control': 'no-cache',
      }),
    );
  return routes;
}

interface Made {
  key: string;
  models: DocumentedModel[];
  document: OpenApiDocument;
}

function cachedDocument({ models, ...options }: DocsOptions): () => Promise<Made> {
  let made: Made | undefined;
  return async () => {
    const key = documentKey(models);
    if (made?.key === key) return made;
    const { openApiDocument } = await import('../openapi/document.ts');
    const documented = await documentedModels(models);
    made = { key, models: documented, document: openApiDocument({ ...options, models: documented }) };
    return made;
  };
}
