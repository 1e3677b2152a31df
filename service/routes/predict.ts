import { type Context, Hono } from 'hono';
import type { ModelVersion } from '../../pipelines/adapters/registry.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { assignArm } from '../../pipelines/core/experiment.ts';
import { type DirectRoute, JSON_HEADERS } from '../direct/direct-answer.ts';
import type { Canary, ScoreWork } from '../models/canary.ts';
import type { LoadedModel } from '../models/loaded-model.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Decision, Decisions, Prediction, Predictions } from '../openapi/answers.ts';
import { predictionIds } from '../request/prediction-ids.ts';
import type { Recorder } from '../record/recorder.ts';
import { readText } from '../request/request-body.ts';
import { parseRows, rowsFor } from '../request/rows-request.ts';
import type { ServedModels } from '../models/served-models.ts';
import type { Shadow } from '../models/shadow.ts';

export interface PredictOptions {
  models: ServedModels;
  metrics: Metrics;
  limits: { bodyBytes: number; rows: number };
  recorder: Recorder | undefined;
  shadow: Shadow;
  /** Undefined: the champion alone answers. */
  canary?: Canary | undefined;
}

/** `POST /:model` with `{"row": {…}}` or `{"rows": [{…}]}`: scores in the same order, and arms where entities are given. */
export function predictRoutes(options: PredictOptions): Hono {
  const routes = new Hono();
  routes.post('/:model', (context) => answerRows(context, options, predictionsOf));
  return routes;
}

/** `POST /predict/:model` without the app. */
export function directPredict(options: PredictOptions): DirectRoute {
  return {
    pattern: '/predict/:model',
    address: /^\/predict\/([\w-]+)$/,
    isV2: false,
    takes: () => true,
    async answer(text, request, onScored) {
      const answer = await scoreText(text, request, options, predictionsOf, onScored);
      return { body: JSON.stringify(answer), headers: JSON_HEADERS };
    },
  };
}

function predictionsOf({ version }: LoadedModel, predictions: Prediction[]): Predictions {
  return { model: version.model, version: version.version, predictions };
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

type AnswerShape = (loaded: LoadedModel, predictions: Prediction[]) => Predictions | Decisions;

async function answerRows(context: Context, options: PredictOptions, shape: AnswerShape): Promise<Response> {
  const text = await readText(context.req.raw, options.limits.bodyBytes, context.get('bodyIsSmall'));
  const asked = { model: context.req.param('model') ?? '', requestId: context.get('requestId') };
  const answer = await scoreText(text, asked, options, shape, (version) => {
    context.set('scoredBy', version);
  });
  return context.json(answer);
}

/**
 * Answers the text of a request for the rows of one model: reads it, scores it, records it. `onScored` is told who has
 * scored, also when something fails afterwards. Errors: those of {@link parseRows}, {@link ServedModels.use},
 * {@link LoadedModel.score} and the record's.
 */
async function scoreText<Answer>(
  text: string,
  { model: name, requestId }: { model: string; requestId: string },
  { models, metrics, limits, recorder, shadow, canary }: PredictOptions,
  shape: (loaded: LoadedModel, predictions: Prediction[]) => Answer,
  onScored: (version: ModelVersion) => void,
): Promise<Answer> {
  const body = parseRows(text);
  const work: ScoreWork<Answer> = async (loaded, standsFor) => {
    const { count, features, entities } = rowsFor(loaded, body, text, limits.rows);
    const scores = await loaded.score(features, count);
    const { model, version } = loaded.version;
    onScored(loaded.version);
    const { experiment } = loaded;
    const ids = predictionIds(count);
    const arms = experiment && entities?.map((entity) => assignArm(entity, experiment));
    const answer = shape(
      loaded,
      ids.map((id, row) => ({ id, score: scores[row] ?? Number.NaN, entity: entities?.[row], arm: arms?.[row] })),
    );
    metrics.rows(loaded.version, scores, standsFor !== undefined);
    const { columns } = loaded.reader;
    const rows = { model, version, role: 'answer' as const, requestId, ids, scores, features, columns, entities, arms };
    const kept = recorder?.record(rows);
    if (kept !== undefined) await kept;
    void shadow.score(loaded.version, body.rows ?? [body.row], ids, requestId);
    return answer;
  };
  if (canary === undefined) return await models.use(name, work);
  return await canary.use(name, work, body.entity ?? body.entities?.[0]);
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
