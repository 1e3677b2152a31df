import { expect, test } from 'vitest';
import { predictionIds } from './prediction-ids.ts';

test('each row has an id of its own, and no other request has it', () => {
  const ids = [...predictionIds(1), ...predictionIds(3), ...predictionIds(3), ...predictionIds(0)];
  expect(new Set(ids).size).toBe(7);
  expect(predictionIds(2)).toEqual([
    expect.stringMatching(/^[0-9a-f-]{36}-0$/),
    expect.stringMatching(/^[0-9a-f-]{36}-1$/),
  ]);
});
