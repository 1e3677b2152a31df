import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import type { Registry } from '../../pipelines/adapters/registry.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { modelsText, stageModels } from './stage-models.ts';

function registryIn(root: string): Registry {
  return openFileRegistry(path.join(root, 'registry'), path.join(root, 'work'));
}

async function register(registry: Registry, root: string, model: string, content: string): Promise<string> {
  const file = path.join(root, 'made.onnx');
  await writeFile(file, content, { mode: 0o600 });
  const { version } = await registry.register(file, {
    ...{ model, features: { x0: { type: 'number' } }, input: 'x', output: 'y', asOf: '2025-01-01', rows: 1 },
    ...{ window: { from: '2025-01-01', to: '2025-01-02' }, runId: `train-${content}`, trainerMetrics: {} },
  });
  return version;
}

test('only the versions behind the wanted aliases go in, in the layout of the registry', async () => {
  const root = await temporaryFolder();
  const registry = registryIn(root);
  for (const content of ['one', 'two', 'three']) await register(registry, root, 'shop', content);
  await registry.setAlias('shop', 'champion', 'v2');
  await registry.setAlias('shop', 'challenger', 'v3');
  const folder = path.join(root, 'staged');
  await mkdir(folder, { mode: 0o700 });
  const shipped = await stageModels(registry, ['shop'], ['champion'], folder);
  expect(shipped).toMatchObject([{ model: 'shop', version: 'v2', aliases: ['champion'] }]);
  expect(await filesOf(folder)).toEqual([
    'shop/aliases/champion',
    `shop/objects/${shipped[0]?.sha256 ?? ''}.onnx`,
    'shop/versions/v2.json',
  ]);
  // A service reads it as it reads the registry.
  const read = openFileRegistry(folder, path.join(root, 'work'));
  expect(await read.alias('shop', 'champion')).toBe('v2');
  expect(await read.version('shop', 'v2')).toEqual(await registry.version('shop', 'v2'));
  expect(await readFile(await read.modelFile(await read.version('shop', 'v2')), 'utf8')).toBe('two');
});

test('champion and challenger go in together, once where they are the same', async () => {
  const root = await temporaryFolder();
  const registry = registryIn(root);
  for (const content of ['one', 'two']) await register(registry, root, 'shop', content);
  await registry.setAlias('shop', 'champion', 'v1');
  await registry.setAlias('shop', 'challenger', 'v2');
  const both = ['champion', 'challenger'] as const;
  await mkdir(path.join(root, 'a'));
  expect(modelsText(await stageModels(registry, ['shop'], both, path.join(root, 'a')))).toBe('shop=v1+v2');
  await registry.setAlias('shop', 'champion', 'v2');
  await mkdir(path.join(root, 'b'));
  const shipped = await stageModels(registry, ['shop'], both, path.join(root, 'b'));
  expect(shipped).toMatchObject([{ version: 'v2', aliases: ['champion', 'challenger'] }]);
  expect(await filesOf(path.join(root, 'b', 'shop', 'aliases'))).toEqual(['challenger', 'champion']);
});

test('modes do not depend on those of the state', async () => {
  const root = await temporaryFolder();
  const registry = registryIn(root);
  await register(registry, root, 'shop', 'one');
  await registry.setAlias('shop', 'champion', 'v1');
  const folder = path.join(root, 'staged');
  await mkdir(folder, { mode: 0o700 });
  const [shipped] = await stageModels(registry, ['shop'], ['champion'], folder);
  const modes = ['', 'shop', `shop/objects/${shipped?.sha256 ?? ''}.onnx`, 'shop/aliases/champion'].map(async (name) =>
    ((await stat(path.join(folder, name))).mode & 0o777).toString(8),
  );
  expect(await Promise.all(modes)).toEqual(['755', '755', '644', '644']);
});

test('a model that has no champion yet stays out, and does not hold up the others', async () => {
  const root = await temporaryFolder();
  const registry = registryIn(root);
  await register(registry, root, 'shop', 'one');
  await register(registry, root, 'churn', 'two');
  await registry.setAlias('shop', 'champion', 'v1');
  await registry.setAlias('churn', 'challenger', 'v1');
  const folder = path.join(root, 'staged');
  await mkdir(folder);
  const shipped = await stageModels(registry, ['churn', 'shop'], ['champion', 'challenger'], folder);
  expect(modelsText(shipped)).toBe('shop=v1');
  expect(await readdir(folder)).toEqual(['shop']);
});

test('a model file that is not what its hash says is not shipped', async () => {
  const root = await temporaryFolder();
  const registry = registryIn(root);
  await register(registry, root, 'shop', 'one');
  await registry.setAlias('shop', 'champion', 'v1');
  const { sha256 } = await registry.version('shop', 'v1');
  await writeFile(path.join(root, 'registry', 'shop', 'objects', `${sha256}.onnx`), 'rotten');
  const folder = path.join(root, 'staged');
  await mkdir(folder);
  await expect(stageModels(registry, ['shop'], ['champion'], folder)).rejects.toMatchObject({
    code: 'REGISTRY_CORRUPT',
  });
});

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
