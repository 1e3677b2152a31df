import { type Context, Hono } from 'hono';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { assignArm } from '../../pipelines/core/experiment.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { Metrics } from '../metrics.ts';
import type { Decision, Decisions, Prediction, Predictions } from '../openapi/answers.ts';
import { predictionIds } from '../prediction-ids.ts';
import type { Recorder } from '../record/recorder.ts';
import { readText } from '../request-body.ts';
import { parseRows, rowsFor } from '../rows-request.ts';
import type { ServedModels } from '../served-models.ts';
import type { Shadow } from '../shadow.ts';

export interface PredictOptions {
  models: ServedModels;
  metrics: Metrics;
  limits: { bodyBytes: number; rows: number };
  recorder: Recorder | undefined;
  shadow: Shadow;
}

/** `POST /:model` with `{"row": {…}}` or `{"rows": [{…}]}`: scores in the same order, and arms where entities are given. */
export function predictRoutes(options: PredictOptions): Hono {
  const routes = new Hono();
  routes.post('/:model', (context) =>
    answerRows(context, options, ({ version }, predictions) => ({
      model: version.model,
      version: version.version,
      predictions,
    })),
  );
  return routes;
}

/** `POST /:model` as /predict, with entities: whether to act on each, by its arm. Error besides: EXPERIMENT_MISSING. */
export function decideRoutes(options: PredictOptions): Hono {
  const routes = new Hono();
  routes.post('/:model', (context) =>
    answerRows(context, options, ({ version, experiment }, predictions) => {
      if (experiment === undefined) throw experimentMissing(version.model);
      const decisions = predictions.map(({ entity, arm, ...prediction }): Decision => {
        if (entity === undefined || arm === undefined) throw entityMissing();
        return { ...prediction, entity, arm, act: arm === 'treated' };
      });
      return { model: version.model, version: version.version, experiment: experiment.name, decisions };
    }),
  );
  return routes;
}

async function answerRows(
  context: Context,
  { models, metrics, limits, recorder, shadow }: PredictOptions,
  answer: (loaded: LoadedModel, predictions: Prediction[]) => Predictions | Decisions,
): Promise<Response> {
  const text = await readText(context.req.raw, limits.bodyBytes, context.get('bodyIsSmall'));
  const body = parseRows(text);
  return await models.use(context.req.param('model') ?? '', async (loaded) => {
    const { count, features, entities } = rowsFor(loaded, body, text, limits.rows);
    const scores = await loaded.score(features, count);
    const { model, version } = loaded.version;
    context.set('scoredBy', { model, version });
    const { experiment } = loaded;
    const ids = predictionIds(count);
    const arms = experiment && entities?.map((entity) => assignArm(entity, experiment));
    const answered = answer(
      loaded,
      ids.map((id, row) => ({ id, score: scores[row] ?? Number.NaN, entity: entities?.[row], arm: arms?.[row] })),
    );
    metrics.rows(model, version, count);
    const requestId = context.get('requestId');
    const { columns } = loaded.reader;
    const rows = { model, version, role: 'answer' as const, requestId, ids, scores, features, columns, entities, arms };
    const kept = recorder?.record(rows);
    if (kept !== undefined) await kept;
    void shadow.score(model, body.rows ?? [body.row], ids, requestId);
    return context.json(answered);
  });
}

function experimentMissing(model: string): CleaverError {
  return new CleaverError('EXPERIMENT_MISSING', `The experiment of ${model} is not known here.`, {
    hint: `Give the service the folder models/${model}, whose model.ts names it.`,
  });
}

function entityMissing(): CleaverError {
  return new CleaverError('REQUEST_INVALID', 'A decision needs the entity that it is about.', {
    hint: 'Give "entity" beside "row", or "entities" beside "rows".',
  });
}
