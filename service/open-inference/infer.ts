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
 * Scores a request by a loaded version, records its rows and gives the answer. Errors: REQUEST_INVALID, FEATURE_MISSING,
 * FEATURE_UNKNOWN, FEATURE_OUT_OF_RANGE, RECORD_UNAVAILABLE, and those of {@link LoadedModel.score}.
 */
export async function infer(loaded: LoadedModel, work: InferWork, options: InferOptions): Promise<InferAnswer> {
  const { metrics, limits, record, shadow } = options;
  const tensors = tensorsOf(loaded);
  const request = work.request ?? rawRequest(work.binary, tensors);
  const requested = readRows(request, work.binary, tensors, limits.rows);
  const { values: features, rows } = requested;
  const wantsIds = request.parameters?.prediction_ids === true;
  if (rows === 0) return inferAnswer(tensors, request, new Float32Array(), wantsIds ? [] : undefined);
  const scores = await loaded.score(features, rows);
  const { model, version } = loaded.version;
  metrics.rows(model, version, rows);
  const { requestId } = work;
  const ids = wantsIds || record !== undefined || shadow !== undefined ? predictionIds(rows) : [];
  const columns = tensors.columns.length;
  const kept = record?.({ model, version, role: 'answer', requestId, ids, scores, features, columns });
  if (kept !== undefined) await kept;
  if (!work.namesVersion && shadow !== undefined) {
    void shadow.score(model, namedRows(tensors, requested), ids, requestId);
  }
  return inferAnswer(tensors, request, scores, wantsIds ? ids : undefined);
}
