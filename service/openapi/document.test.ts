import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { ERROR_CODES } from '../../pipelines/core/errors.ts';
import { type FakeService, openFakeService } from '../../tests/support/fake-service.ts';
import { NUMBER_TYPES } from '../open-inference/datatypes.ts';
import { docsRoutes } from '../routes/docs.ts';
import { decisions, liveness, outcomesAccepted, predictions, readiness } from './answers.ts';
import { openApiDocument } from './document.ts';
import { documentedModels } from './documented-models.ts';
import { errorBody, v2Error } from './error-body.ts';
import {
  DATATYPES,
  inferResponse,
  modelMetadata,
  modelNotReady,
  modelReady,
  serverMetadata,
  serverReady,
} from './v2-schemas.ts';

/** Pages and their files; nobody calls them from a program. */
const PAGES = ['/', '/admin', '/admin/{model}', '/assets/{file}', '/docs', '/docs/docs.css'];

interface Operation {
  operationId: string;
  security: object[];
  responses: Record<string, { description: string; headers?: object }>;
  requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> };
}

let service: FakeService;

beforeEach(async () => {
  service = await openFakeService();
});

afterEach(async () => {
  await service.models.close();
});

async function pathsOf(asksForKeys = false): Promise<[address: string, operation: Operation][]> {
  const models = await documentedModels(service.models);
  const { paths = {} } = openApiDocument({ serverVersion: '1.2.3', models, asksForKeys });
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, Operation>).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

describe('the OpenAPI document', () => {
  test('has every route of the service but pages, and none besides', async () => {
    const docs = docsRoutes({ models: service.models, serverVersion: '1.2.3', asksForKeys: false });
    const routes = [...service.app.routes, ...docs.routes]
      .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
      .map(({ method, path }) => ({ method, path: path.replaceAll(/:(\w+)/g, '{$1}') }))
      .filter(({ path }) => !PAGES.includes(path))
      .map(({ method, path }) => `${method} ${path}`);
    const described = (await pathsOf()).map(([address]) => address).filter((address) => !address.endsWith('/shop'));
    expect(new Set(routes)).toEqual(new Set(described));
    expect(described.length).toBeGreaterThan(15);
  });

  test('names each operation once, and nothing that is not there', async () => {
    const names = (await pathsOf()).map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
    const models = await documentedModels(service.models);
    const document = openApiDocument({ serverVersion: '1.2.3', models, asksForKeys: false });
    const references = new Set(JSON.stringify(document).match(/(?<="\$ref":"#\/components\/schemas\/)[^"]+/g));
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining([...references]));
    expect(references.size).toBeGreaterThan(15);
  });

  test('has the statuses of the codes that a route can end with, and what to do about them', async () => {
    const responses = new Map(await pathsOf()).get('POST /predict/{model}')?.responses;
    expect(Object.keys(responses ?? {})).toEqual(['200', '400', '401', '403', '404', '408', '413', '500', '503']);
    expect(responses?.['400']?.description).toContain(`\`FEATURE_MISSING\`: ${ERROR_CODES.FEATURE_MISSING.about}`);
    expect(responses?.['503']?.headers).toHaveProperty('Retry-After');
    expect(responses?.['401']?.headers).toHaveProperty('WWW-Authenticate');
  });

  test('asks for a key with the scope of the route where the service does, and never at the probes', async () => {
    const open = new Map(await pathsOf());
    const closed = new Map(await pathsOf(true));
    const keys = [{ bearer: ['outcomes'] }, { apiKey: ['outcomes'] }];
    expect(open.get('POST /outcomes')?.security).toEqual([{}, ...keys]);
    expect(closed.get('POST /outcomes')?.security).toEqual(keys);
    expect(closed.get('GET /readyz')?.security).toEqual([]);
  });

  test('has examples for the models that are served, each of which is answered', async () => {
    const addresses: string[] = [];
    for (const [address, { requestBody }] of await pathsOf()) {
      for (const { value } of Object.values(requestBody?.content['application/json']?.examples ?? {})) {
        const path = address.replace('POST ', '').replace('{model}', 'shop').replace('{version}', 'v1');
        expect(await service.post(path, value), address).toMatchObject({ status: 200 });
        addresses.push(address);
      }
    }
    expect(new Set(addresses)).toEqual(
      new Set([
        ...['POST /predict/shop', 'POST /decide/shop', 'POST /predict/{model}', 'POST /decide/{model}'],
        ...['POST /v2/models/{model}/infer'],
        'POST /v2/models/{model}/versions/{version}/infer',
      ]),
    );
  });

  test('has the datatypes that inputs can have', () => {
    expect(new Set<string>(DATATYPES)).toEqual(new Set([...NUMBER_TYPES.keys(), 'BYTES']));
  });
});

describe('each answer is as described, with nothing besides', () => {
  const row = { orders: 1, tier: 'gold' };
  const tensor = { name: 'features', shape: [1, 2], datatype: 'FP32', data: [1, 0] };
  const infer = { id: 'a', inputs: [tensor], parameters: { prediction_ids: true } };

  test.each<[what: string, path: string, body: unknown, status: number, schema: z.ZodType]>([
    ['scores', '/predict/shop', { row }, 200, predictions],
    ['scores of entities', '/predict/shop', { rows: [row, row], entities: ['c1', 2] }, 200, predictions],
    ['decisions', '/decide/shop', { row, entity: 'c1' }, 200, decisions],
    ['accepted outcomes', '/outcomes', { outcomes: [{ id: 'x', label: 1 }] }, 202, outcomesAccepted],
    ['liveness', '/livez', undefined, 200, liveness],
    ['readiness', '/readyz', undefined, 200, readiness],
    ['a refusal', '/predict/shop', { row: { ...row, orders: 'x' } }, 400, errorBody],
    ['an unknown model', '/predict/shoe', { row }, 404, errorBody],
    ['the server of the protocol', '/v2', undefined, 200, serverMetadata],
    ['its liveness', '/v2/health/live', undefined, 200, liveness],
    ['its readiness', '/v2/health/ready', undefined, 200, serverReady],
    ['the metadata of a model', '/v2/models/shop', undefined, 200, modelMetadata],
    ['the readiness of a model', '/v2/models/shop/versions/v1/ready', undefined, 200, modelReady],
    ['the answer of a model', '/v2/models/shop/infer', infer, 200, inferResponse],
    ['a refusal of the protocol', '/v2/models/shop/infer', { inputs: [] }, 400, v2Error],
  ])('%s', async (_, path, body, status, schema) => {
    const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await service.app.request(path, request);
    const answer: unknown = await response.json();
    expect(response.status).toBe(status);
    // What is not described is left out of what is parsed.
    expect(schema.parse(answer)).toEqual(answer);
  });

  test('a model that is not ready', async () => {
    service.registry.add('young', 'v1', 'first');
    await service.models.refresh();
    const response = await service.app.request('/v2/models/young/ready');
    const answer: unknown = await response.json();
    expect(response.status).toBe(503);
    expect(modelNotReady.parse(answer)).toEqual(answer);
  });

  test('a service that is not ready', async () => {
    service.registry.add('young', 'v1', 'first');
    await service.models.refresh();
    const response = await service.app.request('/readyz');
    const answer: unknown = await response.json();
    expect(response.status).toBe(503);
    expect(readiness.parse(answer)).toEqual(answer);
  });
});
