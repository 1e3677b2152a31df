import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { loadScorer } from './scorer.ts';

const FIXTURES = path.join(import.meta.dirname, '..', '..', 'tests', 'models');

// ONNX is Protocol Buffers (https://onnx.ai/onnx/repo-docs/IR.html); all that these models need are small numbers, texts
// and messages within messages.
const number = (field: number, value: number) => Buffer.from([field << 3, value]);
const message = (field: number, ...parts: (Buffer | string)[]) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([(field << 3) | 2, content.length]), content]);
};

const FLOAT = 1;

/** A tensor `[rows, columns]` of floats by name; `field` says whether it goes in (11) or comes out (12). */
function tensor(field: 11 | 12, name: string, columns: number): Buffer {
  const shape = message(2, message(1, message(2, 'rows')), message(1, number(1, columns)));
  return message(field, message(1, name), message(2, message(1, number(1, FLOAT), shape)));
}

/** A model file of one operator, whose result `y` has as many columns as each input. */
async function modelFile(operator: string, inputs: readonly string[], columns: number): Promise<string> {
  const node = message(1, ...inputs.map((name) => message(1, name)), message(2, 'y'), message(4, operator));
  const tensors = [...inputs.map((name) => tensor(11, name, columns)), tensor(12, 'y', columns)];
  const opset = message(8, message(1, ''), number(2, 13));
  const file = path.join(await temporaryFolder(), 'model.onnx');
  await writeFile(file, Buffer.concat([number(1, 7), opset, message(7, node, message(2, 'graph'), ...tensors)]));
  return file;
}

const invalid = (...parts: string[]) => ({
  code: 'MODEL_FILE_INVALID',
  message: expect.stringMatching(new RegExp(parts.join('.*'))) as string,
  hint: expect.stringContaining('float32') as string,
  cause: expect.any(Error) as unknown,
});

test.each([
  [1, [0.25, 0.5]],
  [2, [0.5, 1]],
])('the score is the last of %i columns', async (columns, scores) => {
  const scorer = await loadScorer(await modelFile('Identity', ['x'], columns), columns);
  expect([scorer.input, scorer.output]).toEqual(['x', 'y']);
  const features = Float32Array.from([0.25, 0.5, 0.75, 1].slice(0, 2 * columns));
  expect([...(await scorer.score(features, 2))]).toEqual(scores);
  expect(await scorer.score(new Float32Array(), 0)).toEqual(new Float32Array());
  await scorer.close();
});

test('a model of two inputs is MODEL_FILE_INVALID', async () => {
  const file = await modelFile('Add', ['a', 'b'], 1);
  await expect(loadScorer(file, 1)).rejects.toMatchObject(
    invalid(file, 'does not load as a model of 1 features', 'it has 2 inputs'),
  );
});

test('a model without scores among its outputs is MODEL_FILE_INVALID', async () => {
  const file = await modelFile('Identity', ['x'], 3);
  await expect(loadScorer(file, 3)).rejects.toMatchObject(invalid(file, '3 features', 'it has no float32 output'));
});

test('a model of another number of features is MODEL_FILE_INVALID', async () => {
  const file = path.join(FIXTURES, 'first.onnx');
  await expect(loadScorer(file, 7)).rejects.toMatchObject(invalid('first.onnx does not load as a model of 7 features'));
});

test('a file that is no model, or not there, is MODEL_FILE_INVALID', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'broken.onnx'), 'nothing of the kind');
  await expect(loadScorer(path.join(folder, 'broken.onnx'), 1)).rejects.toMatchObject(
    invalid('broken.onnx does not load: '),
  );
  await expect(loadScorer(path.join(folder, 'none.onnx'), 1)).rejects.toMatchObject(invalid('none.onnx', 'ENOENT'));
});
