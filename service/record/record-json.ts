import { hash } from 'node:crypto';
import type { OutcomeRow, ScoredRows } from './recorder.ts';

const BYTES_PER_VALUE = 4;
const HASH_DIGITS = 16;

/** Of each row of `features` its text in the record, ready to follow another field; see {@link rowJson}. */
export type FeatureText = (features: Buffer, from: number, end: number) => string;

/** How features are taken down: all their values, a hash of them, or not at all. */
export const FEATURE_TEXTS: Readonly<Record<'values' | 'hash' | 'none', FeatureText>> = {
  values: (features, from, end) => `,"values":"${features.toString('base64', from, end)}"`,
  hash: (features, from, end) => `,"hash":"${hash('sha256', features.subarray(from, end)).slice(0, HASH_DIGITS)}"`,
  none: () => '',
};

/** The part of the JSON that all rows of a request share. */
export function headJson({ model, version, role, requestId }: ScoredRows, time: string): string {
  return `{"kind":"prediction","time":"${time}","model":${JSON.stringify(model)},"version":${JSON.stringify(version)},"role":"${role}","requestId":${JSON.stringify(requestId)}`;
}

/** The features of all rows as bytes, little-endian as every machine is that Node runs on here. */
export function featureBytes({ features }: ScoredRows): Buffer {
  return Buffer.from(features.buffer, features.byteOffset, features.byteLength);
}

/** The JSON of one row after its head, as `PredictionLine` describes it. Written by hand: it is made for each answer. */
export function rowJson(head: string, rows: ScoredRows, row: number, bytes: Buffer, featureText: FeatureText): string {
  const score = rows.scores[row];
  const arm = rows.arms?.[row];
  const entity = rows.entities?.[row];
  const stride = rows.columns * BYTES_PER_VALUE;
  const armText = arm === undefined ? '' : `,"arm":"${arm}"`;
  const entityText = entity === undefined ? '' : `,"entity":${JSON.stringify(entity)}`;
  return `${head},"id":${JSON.stringify(rows.ids[row])},"score":${Number.isFinite(score) ? score : null}${armText}${entityText}${featureText(bytes, row * stride, (row + 1) * stride)}}`;
}

/** The JSON of one outcome. */
export function outcomeJson({ id, label, value }: OutcomeRow, requestId: string, time: string): string {
  return JSON.stringify({ kind: 'outcome', time, requestId, id, label, value });
}
