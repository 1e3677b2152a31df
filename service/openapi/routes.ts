import type { RouteConfig } from '@hono/zod-openapi';
import { z } from 'zod';
import { outcomesRequest } from '../routes/outcomes.ts';
import { rowsRequest } from '../request/rows-request.ts';
import { decisions, liveness, outcomesAccepted, predictions, readiness } from './answers.ts';
import { refusals } from './error-body.ts';
import { json, keyFor, KEYS, modelParameters, ROWS, SERVED, TOO_SLOW } from './route-parts.ts';

const ROW = { orders_28d: 3, last_channel: 'app' };
const OUTCOMES = { outcomes: [{ id: '0b9f3a52-6c1e-4f0f-9c0a-2f6d1c7f8a11', label: 1 as const, value: 42.5 }] };

/** `POST /predict/{model}`. */
export const predictRoute = {
  method: 'post',
  path: '/predict/{model}',
  operationId: 'predict',
  tags: ['Predictions'],
  security: keyFor('predict'),
  summary: 'Scores one row or many, by the names of the features',
  request: { params: modelParameters, body: { required: true, content: json(rowsRequest, { row: ROW }) } },
  responses: {
    200: { description: 'The scores, and the arms where entities were given.', content: json(predictions) },
    408: TOO_SLOW,
    ...refusals(...ROWS, ...SERVED, ...KEYS),
  },
} as const satisfies RouteConfig;

/** `POST /decide/{model}`. */
export const decideRoute = {
  method: 'post',
  path: '/decide/{model}',
  operationId: 'decide',
  tags: ['Predictions'],
  security: keyFor('predict'),
  summary: 'Scores rows and says whether to act on each, by the arm that its entity is in',
  request: {
    params: modelParameters,
    body: { required: true, content: json(rowsRequest, { row: ROW, entity: 'c1' }) },
  },
  responses: {
    200: { description: 'The decisions.', content: json(decisions) },
    408: TOO_SLOW,
    ...refusals(...ROWS, ...SERVED, ...KEYS, 'EXPERIMENT_MISSING'),
  },
} as const satisfies RouteConfig;

/** `POST /outcomes`. */
export const outcomesRoute = {
  method: 'post',
  path: '/outcomes',
  operationId: 'outcomes',
  tags: ['Predictions'],
  security: keyFor('outcomes'),
  summary: 'Takes down what became of predictions, by their ids',
  request: { body: { required: true, content: json(outcomesRequest, OUTCOMES) } },
  responses: {
    202: { description: 'They are taken down.', content: json(outcomesAccepted) },
    408: TOO_SLOW,
    ...refusals('REQUEST_INVALID', 'BODY_TOO_LARGE', 'RECORD_OFF', 'RECORD_UNAVAILABLE', 'OVERLOADED', ...KEYS),
  },
} as const satisfies RouteConfig;

/** `GET /livez`. */
export const livezRoute = {
  method: 'get',
  path: '/livez',
  operationId: 'livez',
  tags: ['Operation'],
  summary: 'Whether the process answers; depends on nothing else',
  security: [],
  responses: { 200: { description: 'It does.', content: json(liveness) }, ...refusals() },
} as const satisfies RouteConfig;

/** `GET /readyz`. */
export const readyzRoute = {
  method: 'get',
  path: '/readyz',
  operationId: 'readyz',
  tags: ['Operation'],
  summary: 'Whether every model answers requests, with reasons',
  security: [],
  responses: {
    200: { description: 'It is ready.', content: json(readiness) },
    503: {
      description: 'A registered model cannot answer, there is none, or the server is starting or ending.',
      content: json(readiness),
    },
    ...refusals(),
  },
} as const satisfies RouteConfig;

/** `GET /metrics`. */
export const metricsRoute = {
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tags: ['Operation'],
  security: keyFor('metrics'),
  summary: 'Figures for Prometheus',
  responses: {
    200: { description: 'In the text format.', content: { 'text/plain': { schema: z.string() } } },
    ...refusals(...KEYS),
  },
} as const satisfies RouteConfig;

/** `GET /reports/{model}`. */
export const reportRoute = {
  method: 'get',
  path: '/reports/{model}',
  operationId: 'report',
  tags: ['Operation'],
  security: keyFor('admin'),
  summary: 'What the page of the model shows: what was predicted, what came true, what it was worth',
  request: { params: modelParameters },
  responses: {
    200: { description: 'The newest report.', content: json(z.looseObject({ title: z.string(), asOf: z.string() })) },
    ...refusals('REPORT_MISSING', 'MODEL_UNKNOWN', 'REPORT_INVALID', 'OVERLOADED', ...KEYS),
  },
} as const satisfies RouteConfig;

/** `GET /openapi.json`. */
export const openapiRoute = {
  method: 'get',
  path: '/openapi.json',
  operationId: 'openapi',
  tags: ['Operation'],
  security: keyFor('predict'),
  summary: 'This document, with the models that are served now',
  responses: {
    200: { description: 'An OpenAPI 3.1 document.', content: json(z.looseObject({ openapi: z.string() })) },
    ...refusals('OVERLOADED', ...KEYS),
  },
} as const satisfies RouteConfig;
