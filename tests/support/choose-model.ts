import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openStage } from '../../pipelines/adapters/stage.ts';
import { KNOWN_MODELS, type KnownModel } from './known-models.ts';

// A trainer by the contract, in a fraction of a second: of the two known models it takes the one that fits
// train.parquet better, or the one that `parameters.model` names.

interface Row {
  x0: number;
  x1: number;
  label: number;
}

const { features, parameters } = JSON.parse(await readFile('parameters.json', 'utf8')) as {
  features: [string, string];
  parameters: { model?: KnownModel };
};
const columns = `"${features[0]}" AS x0, "${features[1]}" AS x1, label`;
const reader = await openStage(':memory:', { scratch: '.', threads: 1 });
const chosen = parameters.model ?? best(await reader.rows<Row>(`SELECT ${columns} FROM 'train.parquet'`));
const valid = await reader.rows<Row>(`SELECT ${columns} FROM 'valid.parquet' LIMIT 1000`);
await reader.close();
await copyFile(path.join(import.meta.dirname, '..', 'models', `${chosen}.onnx`), 'model.onnx');
const scores = valid.map(({ x0, x1 }) => KNOWN_MODELS[chosen](x0, x1));
await writeFile('metrics.json', JSON.stringify({ metrics: { validRows: valid.length }, scores }));

function best(rows: readonly Row[]): KnownModel {
  const loss = (name: KnownModel) =>
    rows.reduce((sum, { x0, x1, label }) => sum - Math.log(Math.abs(1 - label - KNOWN_MODELS[name](x0, x1))), 0);
  return loss('first') <= loss('second') ? 'first' : 'second';
}
