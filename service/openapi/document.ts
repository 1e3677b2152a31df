import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { DocumentedModel } from './documented-models.ts';
import {
  exampleRequests,
  exampleTensor,
  type RequestKind,
  rowSchema,
  rowsRequestSchema,
  schemaName,
} from './model-schemas.ts';
import * as routes from './routes.ts';
import * as v2Routes from './v2-routes.ts';

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const INFO = `Scores rows by the models that are promoted. A request that fails is answered by \`code\`, \`message\` and \`hint\`, under /v2 by \`error\`, as the protocol has it. Any answer can be 503 while there is more to do than can be done in time. An \`X-Request-Id\` of the request comes back with the answer.

Before a request reaches an address, it can be refused without a body: 400 when it is no HTTP, 431 when its headers are over 16 KiB.`;

export interface DocumentOptions {
  serverVersion: string;
  models: readonly DocumentedModel[];
  /** Whether requests need an API key. */
  asksForKeys: boolean;
}

/** The routes of the service as an OpenAPI 3.1 document, with an operation for each model that is served. */
export function openApiDocument({ serverVersion, models, asksForKeys }: DocumentOptions): OpenApiDocument {
  // It has no handlers: the routes read bodies themselves, once and quickly.
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'apiKey', in: 'header', name: 'X-API-Key' });
  for (const model of models) {
    registry.registerComponent('schemas', schemaName('Row', model.model), rowSchema(model));
    for (const kind of ['RowsRequest', 'DecideRequest'] as const) {
      registry.registerComponent('schemas', schemaName(kind, model.model), rowsRequestSchema(model, kind));
    }
  }
  for (const { security = [], ...route } of routesFor(models)) {
    registry.registerPath({ ...route, security: asksForKeys || security.length === 0 ? security : [{}, ...security] });
  }
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Cleaver', version: serverVersion, description: INFO },
    tags: [{ name: 'Predictions' }, { name: 'Open Inference Protocol' }, { name: 'Operation' }],
  });
}

/** Those for one model first, as it is them that people look for. */
function routesFor(models: readonly DocumentedModel[]): RouteConfig[] {
  const { predictRoute, decideRoute, ...others } = routes;
  const decided = models.filter((model) => model.hasExperiment);
  return [
    ...models.map((model) => ofModel(predictRoute, 'RowsRequest', model)),
    ...decided.map((model) => ofModel(decideRoute, 'DecideRequest', model)),
    withExamples(predictRoute, models, (model) => exampleRequests(model, 'RowsRequest').one),
    withExamples(decideRoute, decided, (model) => exampleRequests(model, 'DecideRequest').one),
    ...Object.values(others),
    ...Object.values(v2Routes).map((route) =>
      withExamples(route, models, (model) => ({ value: exampleTensor(model) })),
    ),
  ];
}

/** The operation for one model alone, with its own features. */
function ofModel(route: RouteConfig, kind: RequestKind, model: DocumentedModel): RouteConfig {
  return {
    ...route,
    path: route.path.replace('{model}', encodeURIComponent(model.model)),
    operationId: `${route.operationId ?? ''}_${model.model}`,
    summary: `${route.summary ?? ''}: ${model.model} ${model.version}`,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${schemaName(kind, model.model)}` },
            examples: exampleRequests(model, kind),
          },
        },
      },
    },
  };
}

/** With an example for each model, where the route takes a body. */
function withExamples(
  route: RouteConfig,
  models: readonly DocumentedModel[],
  exampleOf: (model: DocumentedModel) => { value: object },
): RouteConfig {
  const body = route.request?.body;
  const json = body?.content['application/json'];
  const schema = json !== undefined && 'schema' in json ? json.schema : undefined;
  if (body === undefined || schema === undefined || models.length === 0) return route;
  const examples = Object.fromEntries(models.map((model) => [model.model, exampleOf(model)]));
  const content = { ...body.content, 'application/json': { schema, examples } };
  return { ...route, request: { ...route.request, body: { ...body, content } } };
}
