import { type Context, Hono } from 'hono';
import { CleaverError, ERROR_CODES, messageOf } from '../../pipelines/core/errors.ts';
import { type DirectRoute, JSON_HEADERS } from '../direct/direct-answer.ts';
import type { Canary, ScoreWork } from '../models/canary.ts';
import { compressed } from '../open-inference/compress.ts';
import { infer, type InferOptions } from '../open-inference/infer.ts';
import type { InferAnswer } from '../open-inference/infer-answer.ts';
import { jsonBody, readInferBody } from '../open-inference/infer-body.ts';
import { modelMetadata } from '../open-inference/metadata.ts';
import type { ServedModels } from '../models/served-models.ts';
import { readinessOf, type ReadinessSource } from './health.ts';

export interface OpenInferenceOptions extends InferOptions {
  models: Pick<ServedModels, 'use' | 'versions'> & ReadinessSource;
  serverVersion: string;
  /** Undefined: the champion alone answers those who name no version. */
  canary?: Canary | undefined;
}

/**
 * The Open Inference Protocol V2 over REST with its extension for binary tensor data. Without a version in the address,
 * the champion answers, or the challenger as its canary. A model that is known and does not answer is not ready: 503; one that is not known, or a version
 * that is not loaded: 404. Both clients take whatever is not 200 as not ready.
 */
export function openInferenceRoutes(options: OpenInferenceOptions): Hono {
  const { models, serverVersion, canary } = options;
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
        const score: ScoreWork<InferAnswer> = async (loaded, standsFor) => {
          const answer = await infer(loaded, work, options, standsFor);
          context.set('scoredBy', { model: loaded.version.model, version: loaded.version.version });
          return answer;
        };
        const answer =
          canary === undefined || version !== undefined
            ? await models.use(model, score, version)
            : await canary.use(model, score);
        const { body: sent, headers } = await sentAnswer(answer, () => context.req.header('accept-encoding'));
        return context.body(sent, 200, headers);
      });
  }
  return routes;
}

/** `POST /v2/models/:model/infer` without the app, where the body is JSON alone. */
export function directInfer(options: OpenInferenceOptions): DirectRoute {
  const { models, canary } = options;
  return {
    pattern: '/v2/models/:model/infer',
    address: /^\/v2\/models\/([\w-]+)\/infer$/,
    isV2: true,
    takes: (headers) => headers['inference-header-content-length'] === undefined,
    async answer(text, { model, requestId, headers }, onScored) {
      const work = { ...jsonBody(text), namesVersion: false, requestId };
      const score: ScoreWork<InferAnswer> = async (loaded, standsFor) => {
        const inferred = await infer(loaded, work, options, standsFor);
        onScored(loaded.version);
        return inferred;
      };
      const answer = await (canary === undefined ? models.use(model, score) : canary.use(model, score));
      return await sentAnswer(answer, () => headers['accept-encoding']?.toString());
    },
  };
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

/** What is sent of an answer; `acceptEncoding` is asked for the request's header where it matters. */
export async function sentAnswer(
  { body, jsonBytes }: InferAnswer,
  acceptEncoding: () => string | undefined,
): Promise<{ body: InferAnswer['body']; headers: Record<string, string> }> {
  const { body: sent, encoding } = await compressed(body, acceptEncoding);
  if (jsonBytes === undefined && encoding === undefined) return { body: sent, headers: JSON_HEADERS };
  const headers = {
    'content-type': jsonBytes === undefined ? 'application/json' : 'application/octet-stream',
    ...(jsonBytes === undefined ? {} : { 'inference-header-content-length': String(jsonBytes) }),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding, vary: 'accept-encoding' }),
  };
  return { body: sent, headers };
}
