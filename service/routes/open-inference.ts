import { type Context, Hono } from 'hono';
import { CleaverError, ERROR_CODES, messageOf } from '../../pipelines/core/errors.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { compressed } from '../open-inference/compress.ts';
import { infer, type InferOptions } from '../open-inference/infer.ts';
import type { InferAnswer } from '../open-inference/infer-answer.ts';
import { readInferBody } from '../open-inference/infer-body.ts';
import { modelMetadata } from '../open-inference/metadata.ts';
import type { ServedModels } from '../served-models.ts';
import { readinessOf } from './health.ts';

export interface OpenInferenceOptions extends InferOptions {
  models: Pick<ServedModels, 'use' | 'versions' | 'statuses' | 'registryProblem'>;
  serverVersion: string;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/**
 * The Open Inference Protocol V2 over REST with its extension for binary tensor data. Without a version in the address,
 * the champion answers. A model that is known and does not answer is not ready: 503; one that is not known, or a version
 * that is not loaded: 404. Both clients take whatever is not 200 as not ready.
 */
export function openInferenceRoutes(options: OpenInferenceOptions): Hono {
  const { models, serverVersion } = options;
  const routes = new Hono();
  routes
    .get('/', (context) =>
      context.json({ name: 'cleaver', version: serverVersion, extensions: ['binary_tensor_data'] }),
    )
    .get('/health/live', (context) => context.json({ live: true }))
    .get('/health/ready', (context) => {
      const { ready } = readinessOf(models);
      return context.json({ ready }, ready ? 200 : 503);
    });
  for (const path of ['/models/:model', '/models/:model/versions/:version']) {
    routes
      .get(path, async (context) => context.json(await metadata(context, models)))
      .get(`${path}/ready`, (context) => readiness(context, models))
      .post(`${path}/infer`, async (context) => {
        const body = await readInferBody(context.req.raw, options.limits.bodyBytes);
        const { model, version } = addressOf(context);
        const work = { ...body, namesVersion: version !== undefined, requestId: context.get('requestId') };
        const score = async (loaded: LoadedModel) => {
          const answer = await infer(loaded, work, options);
          context.set('scoredBy', { model: loaded.version.model, version: loaded.version.version });
          return answer;
        };
        return await respond(context, await models.use(model, score, version));
      });
  }
  return routes;
}

function addressOf(context: Context): { model: string; version: string | undefined } {
  return { model: context.req.param('model') ?? '', version: context.req.param('version') };
}

async function metadata(context: Context, models: OpenInferenceOptions['models']): Promise<object> {
  const { model, version } = addressOf(context);
  return await models.use(model, (loaded) => Promise.resolve(modelMetadata(loaded, models.versions(model))), version);
}

async function readiness(context: Context, models: OpenInferenceOptions['models']): Promise<Response> {
  const { model, version } = addressOf(context);
  try {
    return context.json(await models.use(model, () => Promise.resolve({ name: model, ready: true }), version));
  } catch (error) {
    if (error instanceof CleaverError && ERROR_CODES[error.code].status === 404) throw error;
    return context.json({ name: model, ready: false, error: messageOf(error) }, 503);
  }
}

async function respond(context: Context, { body, jsonBytes }: InferAnswer): Promise<Response> {
  const { body: sent, encoding } = await compressed(body, () => context.req.header('accept-encoding'));
  if (jsonBytes === undefined && encoding === undefined) return context.body(sent, 200, JSON_HEADERS);
  return context.body(sent, 200, {
    'content-type': jsonBytes === undefined ? 'application/json' : 'application/octet-stream',
    ...(jsonBytes === undefined ? {} : { 'inference-header-content-length': String(jsonBytes) }),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding, vary: 'accept-encoding' }),
  });
}
