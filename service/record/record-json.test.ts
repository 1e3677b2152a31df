import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { scoredRows } from '../../tests/support/recorded.ts';
import { FEATURE_TEXTS, featureBytes, headJson, outcomeJson, rowJson } from './record-json.ts';
import type { ScoredRows } from './recorder.ts';

const TIME = '2026-01-02T03:04:05.678Z';

function parsedRow(rows: ScoredRows, row: number, features: 'values' | 'hash' | 'none'): unknown {
  return JSON.parse(rowJson(headJson(rows, TIME), rows, row, featureBytes(rows), FEATURE_TEXTS[features]));
}

describe('a row as JSON', () => {
  const common = { kind: 'prediction', time: TIME, model: 'shop', version: 'v1', role: 'answer', requestId: 'request' };

  test('has what was answered, and its features as base64 of the float32 bytes', () => {
    // The features lie somewhere in a larger buffer, as they do where requests are scored together.
    const features = Float32Array.of(9, 9, 0.5, 1, Number.NaN, -2).subarray(2);
    const arms = ['treated', undefined] as const;
    const rows = scoredRows(['a', 'b'], { features, arms, entities: ['c1', undefined] });
    const values = (...numbers: number[]) => Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
    expect(parsedRow(rows, 0, 'values')).toEqual({
      ...{ ...common, id: 'a', score: 0, arm: 'treated', entity: 'c1', values: values(0.5, 1) },
    });
    expect(parsedRow(rows, 1, 'values')).toEqual({ ...common, id: 'b', score: 0.25, values: values(Number.NaN, -2) });
  });

  test('has the beginning of their SHA-256 instead, or nothing of them', () => {
    const rows = scoredRows(['a', 'b']);
    const bytes = Buffer.from(Float32Array.of(1.5, 1).buffer);
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    expect(parsedRow(rows, 1, 'hash')).toEqual({ ...common, id: 'b', score: 0.25, hash });
    expect(parsedRow(rows, 1, 'none')).toEqual({ ...common, id: 'b', score: 0.25 });
  });

  test('keeps any text that comes from outside', () => {
    const odd = '"}\\\n\u2028\0 ü😀\ud800';
    const rows = scoredRows([odd], { requestId: odd, entities: [odd] });
    expect(parsedRow(rows, 0, 'none')).toMatchObject({ id: odd, requestId: odd, entity: odd });
    expect(rowJson(headJson(rows, TIME), rows, 0, featureBytes(rows), FEATURE_TEXTS.none)).not.toContain('\n');
  });

  test('keeps a float32 as it is, and writes null for a score that is no number', () => {
    const scores = Float32Array.of(0.1, 1e-30, Number.NaN);
    const rows = scoredRows(['a', 'b', 'c'], { scores });
    expect([0, 1].map((row) => parsedRow(rows, row, 'none'))).toMatchObject([
      { score: scores[0] },
      { score: scores[1] },
    ]);
    expect(parsedRow(rows, 2, 'none')).toMatchObject({ score: null });
  });
});

test('an outcome as JSON has what the client told', () => {
  expect(JSON.parse(outcomeJson({ id: 'a', label: 1 }, 'request', TIME))).toEqual({
    ...{ kind: 'outcome', time: TIME, requestId: 'request', id: 'a', label: 1 },
  });
  expect(JSON.parse(outcomeJson({ id: 'a', value: 2.5 }, 'request', TIME))).toMatchObject({ value: 2.5 });
});
