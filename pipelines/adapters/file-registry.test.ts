import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { openFileRegistry } from './file-registry.ts';
import type { ModelVersion } from './registry.ts';

const description: Omit<ModelVersion, 'version' | 'sha256'> = {
  model: 'shop',
  features: { visits: { type: 'number' } },
  input: 'features',
  output: 'probabilities',
  asOf: '2025-03-01',
  window: { from: '2025-02-01', to: '2025-02-20' },
  rows: 100,
  runId: 'train-1',
  trainerMetrics: {},
};

async function openRegistry() {
  const folder = await temporaryFolder();
  const file = async (content: string) => {
    await writeFile(path.join(folder, 'model.onnx'), content);
    return path.join(folder, 'model.onnx');
  };
  return { folder, file, registry: openFileRegistry(path.join(folder, 'registry'), path.join(folder, 'work')) };
}

test('versions count up, and the same file of the same run is one version', async () => {
  const { file, registry } = await openRegistry();
  const first = await registry.register(await file('one'), description);
  expect(await registry.register(await file('one'), description)).toEqual(first);
  const second = await registry.register(await file('one'), { ...description, runId: 'train-2' });
  expect([first.version, second.version]).toEqual(['v1', 'v2']);
  expect((await registry.versions('shop')).map(({ version }) => version)).toEqual(['v1', 'v2']);
  expect(await registry.models()).toEqual(['shop']);
});

test('v10 comes after v9', async () => {
  const { file, registry } = await openRegistry();
  for (let run = 1; run <= 11; run++)
    await registry.register(await file(`model ${run}`), { ...description, runId: `train-${run}` });
  expect((await registry.versions('shop')).at(-1)?.version).toBe('v11');
});

test('an alias names a version that is there, or nothing', async () => {
  const { file, registry } = await openRegistry();
  expect(await registry.alias('shop', 'champion')).toBeUndefined();
  await registry.register(await file('one'), description);
  await registry.setAlias('shop', 'champion', 'v1');
  expect(await registry.alias('shop', 'champion')).toBe('v1');
  await expect(registry.setAlias('shop', 'champion', 'v2')).rejects.toMatchObject({ code: 'REGISTRY_VERSION_UNKNOWN' });
  expect(await registry.alias('shop', 'champion')).toBe('v1');
});

test('a name that is no version is unknown, also when it is a path', async () => {
  const { registry } = await openRegistry();
  await expect(registry.version('shop', '../../etc/passwd')).rejects.toMatchObject({
    code: 'REGISTRY_VERSION_UNKNOWN',
  });
});

test('a model file that was changed or removed is REGISTRY_CORRUPT', async () => {
  const { file, folder, registry } = await openRegistry();
  const version = await registry.register(await file('one'), description);
  const stored = await registry.modelFile(version);
  await writeFile(stored, 'two');
  await expect(registry.modelFile(version)).rejects.toMatchObject({ code: 'REGISTRY_CORRUPT' });
  await expect(registry.modelFile({ ...version, sha256: 'f'.repeat(64) })).rejects.toMatchObject({
    code: 'REGISTRY_CORRUPT',
    message: expect.stringMatching(/should have the hash f{64}, but has nothing\.$/) as string,
  });
  expect(await readdir(path.join(folder, 'work'))).toEqual([]);
});

test('a model file that cannot be read is not called corrupt', async () => {
  const { file, registry } = await openRegistry();
  const version = await registry.register(await file('one'), description);
  const stored = await registry.modelFile(version);
  await rm(stored);
  await mkdir(stored);
  await expect(registry.modelFile(version)).rejects.toMatchObject({ code: 'EISDIR' });
});

test('a file that lies beside the models is none of them', async () => {
  const { file, folder, registry } = await openRegistry();
  await registry.register(await file('one'), description);
  await writeFile(path.join(folder, 'registry', 'README'), '');
  expect(await registry.models()).toEqual(['shop']);
});

test('a registry that is not there is empty, one that cannot be read is an error', async () => {
  const { folder, registry } = await openRegistry();
  expect(await registry.models()).toEqual([]);
  await symlink('registry', path.join(folder, 'registry'));
  await expect(registry.models()).rejects.toMatchObject({ code: 'ELOOP' });
});

test('a watcher hears of a promotion made through another handle, and of nothing after it has ended', async () => {
  const { file, folder, registry } = await openRegistry();
  const other = openFileRegistry(path.join(folder, 'registry'), path.join(folder, 'work'));
  await registry.register(await file('one'), description);
  let heard = 0;
  const changed = Promise.withResolvers<undefined>();
  const end = registry.watch(() => {
    heard += 1;
    changed.resolve(undefined);
  });
  await other.setAlias('shop', 'champion', 'v1');
  await changed.promise;
  end();
  const before = heard;
  await other.register(await file('two'), { ...description, runId: 'train-2' });
  await other.setAlias('shop', 'champion', 'v2');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toBe(before);
});
