import type { RouteConfig } from '@hono/zod-openapi';
import { z } from 'zod';
import { liveness } from './answers.ts';
import { v2Refusals } from './error-body.ts';
import { json, keyFor, KEYS, modelParameters, ROWS, SERVED, TOO_SLOW } from './route-parts.ts';
import {
  inferRequest,
  inferResponse,
  modelMetadata,
  modelNotReady,
  modelReady,
  serverMetadata,
  serverReady,
} from './v2-schemas.ts';

const TENSOR = { inputs: [{ name: 'features', shape: [1, 2], datatype: 'FP32' as const, data: [0.5, 1] }] };
const BINARY_HEADER = 'Inference-Header-Content-Length';

const versionParameters = modelParameters.extend({
  version: z.string().meta({
    description: 'The version that has to answer: the champion, or the challenger where it is kept beside it.',
    example: 'v3',
  }),
});

const binary = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } as const;

const binaryLength = {
  description: 'Bytes of JSON at the beginning of the body; binary tensor data follow.',
  schema: { type: 'integer', minimum: 0 },
} as const;

const tags = ['Open Inference Protocol'];
const security = keyFor('predict');

const metadata = {
  method: 'get',
  tags,
  security,
  summary: 'What the model takes and gives',
  responses: {
    200: { description: 'The metadata of the model.', content: json(modelMetadata) },
    ...v2Refusals('MODEL_UNKNOWN', 'REGISTRY_VERSION_UNKNOWN', 'CHAMPION_MISSING', 'OVERLOADED', ...KEYS),
  },
} as const;

const ready = {
  method: 'get',
  tags,
  security,
  summary: 'Whether the model answers',
  responses: {
    200: { description: 'It does.', content: json(modelReady) },
    503: { description: 'It does not yet, or the service has too much to do.', content: json(modelNotReady) },
    ...v2Refusals('MODEL_UNKNOWN', 'REGISTRY_VERSION_UNKNOWN', ...KEYS),
  },
} as const;

const infer = {
  method: 'post',
  tags,
  security,
  summary: 'Scores the rows of a tensor, or of one tensor per feature',
  description: `Tensors may come after the JSON as the protocol's extension for binary tensor data has it: little-endian, \`binary_data_size\` in the parameters of each, and the length of the JSON in the header \`${BINARY_HEADER}\`. With \`binary_data_output\` the answer comes so too. With the length 0 the whole body is the one FP32 tensor, and no body is one without rows. The body may be packed by gzip or deflate (\`Content-Encoding\`).`,
  responses: {
    200: {
      description: 'One output with a score for each row.',
      headers: { 'Inference-Header-Content-Length': binaryLength },
      content: { ...json(inferResponse), ...binary },
    },
    408: TOO_SLOW,
    ...v2Refusals(...ROWS, ...SERVED, 'REGISTRY_VERSION_UNKNOWN', ...KEYS),
  },
} as const;

const inferParts = {
  body: { content: { ...json(inferRequest, TENSOR), ...binary } },
  headers: z.object({ [BINARY_HEADER]: z.int().min(0).optional().meta({ description: binaryLength.description }) }),
};

/** `GET /v2`. */
export const serverRoute = {
  method: 'get',
  path: '/v2',
  operationId: 'v2Server',
  tags,
  security,
  summary: 'The name and the version of the server',
  responses: {
    200: { description: 'The metadata of the server.', content: json(serverMetadata) },
    ...v2Refusals('OVERLOADED', ...KEYS),
  },
} as const satisfies RouteConfig;

/** `GET /v2/health/live`. */
export const serverLiveRoute = {
  method: 'get',
  path: '/v2/health/live',
  operationId: 'v2Live',
  tags,
  security,
  summary: 'Whether the server lives',
  responses: { 200: { description: 'It does.', content: json(liveness) }, ...v2Refusals(...KEYS) },
} as const satisfies RouteConfig;

/** `GET /v2/health/ready`. */
export const serverReadyRoute = {
  method: 'get',
  path: '/v2/health/ready',
  operationId: 'v2Ready',
  tags,
  security,
  summary: 'Whether every model answers',
  responses: {
    200: { description: 'They do.', content: json(serverReady) },
    503: { description: 'One does not, or there is none.', content: json(serverReady) },
    ...v2Refusals(...KEYS),
  },
} as const satisfies RouteConfig;

/** `GET /v2/models/{model}`. */
export const metadataRoute = {
  ...metadata,
  path: '/v2/models/{model}',
  operationId: 'v2Metadata',
  request: { params: modelParameters },
} as const satisfies RouteConfig;

/** `GET /v2/models/{model}/versions/{version}`. */
export const versionMetadataRoute = {
  ...metadata,
  path: '/v2/models/{model}/versions/{version}',
  operationId: 'v2VersionMetadata',
  request: { params: versionParameters },
} as const satisfies RouteConfig;

/** `GET /v2/models/{model}/ready`. */
export const readyRoute = {
  ...ready,
  path: '/v2/models/{model}/ready',
  operationId: 'v2ModelReady',
  request: { params: modelParameters },
} as const satisfies RouteConfig;

/** `GET /v2/models/{model}/versions/{version}/ready`. */
export const versionReadyRoute = {
  ...ready,
  path: '/v2/models/{model}/versions/{version}/ready',
  operationId: 'v2VersionReady',
  request: { params: versionParameters },
} as const satisfies RouteConfig;

/** `POST /v2/models/{model}/infer`. */
export const inferRoute = {
  ...infer,
  path: '/v2/models/{model}/infer',
  operationId: 'v2Infer',
  request: { params: modelParameters, ...inferParts },
} as const satisfies RouteConfig;

/** `POST /v2/models/{model}/versions/{version}/infer`. */
export const versionInferRoute = {
  ...infer,
  path: '/v2/models/{model}/versions/{version}/infer',
  operationId: 'v2VersionInfer',
  request: { params: versionParameters, ...inferParts },
} as const satisfies RouteConfig;
