import { CleaverError } from '../../pipelines/core/errors.ts';
import type { LoadedModel } from '../models/loaded-model.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ScoredRows } from '../record/recorder.ts';
import type { Shadow } from '../models/shadow.ts';
import { type InferAnswer, inferAnswer } from './infer-answer.ts';
import type { InferBody } from './infer-body.ts';
import { namedRows, tensorsOf } from './model-tensors.ts';
import { predictionIds } from '../request/prediction-ids.ts';
import { rawRequest, readRows } from './tensor-request.ts';

export interface InferOptions {
  metrics: Pick<Metrics, 'rows'>;
  limits: { bodyBytes: number; rows: number };
  /** Takes the rows down; a promise is waited for before they are answered. */
  record?: ((rows: ScoredRows) => Promise<void> | undefined) | undefined;
  /** Has the challenger score the requests that name no version; undefined where it scores none. */
  shadow?: Pick<Shadow, 'score'> | undefined;
}

/** An inference request that has been read. */
export interface InferWork extends InferBody {
  requestId: string;
  /** Whether a version was asked for. */
  namesVersion: boolean;
}

/**
 * Scores a request by a loaded version, records its rows and gives the answer. Where that version stands for another one,
 * it must take and give the same tensors, as their columns have no names. Errors: REQUEST_INVALID, FEATURE_MISSING,
 * FEATURE_UNKNOWN, FEATURE_OUT_OF_RANGE, RECORD_UNAVAILABLE, and those of {@link LoadedModel.score}.
 */
export async function infer(
  loaded: LoadedModel,
  work: InferWork,
  options: InferOptions,
  standsFor?: LoadedModel,
): Promise<InferAnswer> {
  const { metrics, limits, record, shadow } = options;
  const tensors = tensorsOf(loaded);
  if (standsFor !== undefined && tensors.interface !== tensorsOf(standsFor).interface) throw otherTensors(loaded);
  const request = work.request ?? rawRequest(work.binary, tensors);
  const requested = readRows(request, work.binary, tensors, limits.rows);
  const { values: features, rows } = requested;
  const wantsIds = request.parameters?.prediction_ids === true;
  if (rows === 0) return inferAnswer(tensors, request, new Float32Array(), wantsIds ? [] : undefined);
  const scores = await loaded.score(features, rows);
  const { model, version } = loaded.version;
  metrics.rows(loaded.version, scores, standsFor !== undefined);
  const { requestId } = work;
  const ids = wantsIds || record !== undefined || shadow !== undefined ? predictionIds(rows) : [];
  const columns = tensors.columns.length;
  const kept = record?.({ model, version, role: 'answer', requestId, ids, scores, features, columns });
  if (kept !== undefined) await kept;
  if (!work.namesVersion && shadow !== undefined) {
    void shadow.score(loaded.version, namedRows(tensors, requested), ids, requestId);
  }
  return inferAnswer(tensors, request, scores, wantsIds ? ids : undefined);
}

/** Nobody is answered this: the champion answers instead. */
function otherTensors({ version: { model, version } }: LoadedModel): CleaverError {
  return new CleaverError('REQUEST_INVALID', `${model} ${version} takes or gives other tensors than the champion.`, {
    hint: 'Ask for this version under its own address, by what its metadata say.',
  });
}
