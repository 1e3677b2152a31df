import { type Context, Hono } from 'hono';
import type { LoadedModel } from '../loaded-model.ts';
import type { Metrics } from '../metrics.ts';
import { readBody } from '../request-body.ts';
import type { ServedModels } from '../served-models.ts';
import { readTensor, tensorRequest } from '../tensor-request.ts';
import { readinessOf } from './health.ts';

const EXAMPLE = '{"inputs": [{"name": "input", "shape": [1, 2], "datatype": "FP32", "data": [0.5, 1]}]}';

/** The basics of the Open Inference Protocol V2 over REST; of each model, the champion is the one version served. */
export function openInferenceRoutes(models: ServedModels, metrics: Metrics, serverVersion: string): Hono {
  const routes = new Hono();
  routes
    .get('/', (context) => context.json({ name: 'cleaver', version: serverVersion, extensions: [] }))
    .get('/health/live', (context) => context.json({ live: true }))
    .get('/health/ready', (context) => {
      const { ready } = readinessOf(models);
      return context.json({ ready }, ready ? 200 : 503);
    });
  for (const path of ['/models/:model', '/models/:model/versions/:version']) {
    routes.get(path, (context) => answer(models, context, (loaded) => Promise.resolve(metadataOf(loaded))));
    routes.get(`${path}/ready`, (context) =>
      answer(models, context, ({ version }) => Promise.resolve({ name: version.model, ready: true })),
    );
    routes.post(`${path}/infer`, async (context) => {
      const request = await readBody(context, tensorRequest, EXAMPLE);
      return await answer(models, context, async (loaded) => {
        const { version, scorer } = loaded;
        const { values, rows } = readTensor(request, {
          input: scorer.input,
          output: scorer.output,
          featureCount: Object.keys(version.features).length,
        });
        const data = Array.from(await loaded.score(values, rows));
        metrics.rows(version.model, version.version, rows);
        return {
          model_name: version.model,
          model_version: version.version,
          ...(request.id === undefined ? {} : { id: request.id }),
          outputs: [{ name: scorer.output, datatype: 'FP32', shape: [rows], data }],
        };
      });
    });
  }
  return routes;
}

async function answer(
  models: ServedModels,
  context: Context,
  work: (loaded: LoadedModel) => Promise<object>,
): Promise<Response> {
  const body = await models.use(context.req.param('model') ?? '', work, context.req.param('version'));
  return context.json(body);
}

function metadataOf({ version, scorer }: LoadedModel): object {
  return {
    name: version.model,
    versions: [version.version],
    platform: 'onnxruntime_onnx',
    inputs: [{ name: scorer.input, datatype: 'FP32', shape: [-1, Object.keys(version.features).length] }],
    outputs: [{ name: scorer.output, datatype: 'FP32', shape: [-1] }],
    // Beyond the protocol: what the columns of the input mean.
    parameters: { features: Object.keys(version.features) },
  };
}
