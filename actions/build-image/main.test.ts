import { rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { expectError, fakedWorld, type FakedWorld } from './fixtures/faked-build.ts';

let world: FakedWorld;

beforeEach(async () => {
  world = await fakedWorld();
});

test('the image of a commit and its champion is built, pushed, and described', async () => {
  const { result, call } = await world.run();
  expect([result.status, result.annotations]).toEqual([0, []]);
  const { outputs } = result;
  expect(outputs).toMatchObject({
    tag: '0a1b2c3d4e5f-shop-v1',
    models: 'shop=v1',
    signed: 'false',
    'base-size': '800',
  });
  expect(outputs['image']).toBe(`${world.registry.host}/owner/shop@${outputs['digest'] ?? ''}`);
  const layers = JSON.parse(outputs['layers'] ?? '') as { what: string; digest: string; bytes: number }[];
  expect(layers.map(({ what }) => what)).toEqual(['base', 'packages', 'code', 'state', 'models']);
  expect(Number(outputs['size'])).toBe(layers.reduce((sum, { bytes }) => sum + bytes, 0));
  // By both names, and every blob of it is there.
  const manifest = world.registry.manifests.get('0a1b2c3d4e5f-shop-v1');
  expect(world.registry.manifests.get(outputs['digest'] ?? '')).toBe(manifest);
  for (const { digest } of layers) expect(world.registry.blobs.has(digest)).toBe(true);
  const sent = [...world.registry.blobs.values()].reduce(
    (sum, blob) => sum + blob.length,
    Buffer.byteLength(manifest ?? ''),
  );
  expect(Number(outputs['pushed'])).toBe(sent);
  const args = call('buildah build')?.args ?? [];
  expect(args).toEqual(expect.arrayContaining(['--layers', '--timestamp=0', `--file=${world.checkout}/Dockerfile`]));
  expect(args.filter((arg) => arg.startsWith('--label='))).toEqual([
    '--label=org.opencontainers.image.title=cleaver',
    '--label=org.opencontainers.image.version=1.2.3',
    '--label=org.opencontainers.image.licenses=MIT',
    '--label=org.opencontainers.image.revision=0a1b2c3d4e5f60718293a4b5c6d7e8f901234567',
    '--label=org.opencontainers.image.source=https://github.com/owner/shop',
    '--label=cleaver.models=shop=v1',
  ]);
  expect(result.summary).toMatch(/^### Image .*\n\n.*models shop=v1, not signed; \d\.\d kB pushed/);
});

test('a new model sends its layer alone, and the summary holds it against the last release', async () => {
  await world.run();
  await world.register('second');
  const { result } = await world.run({ previous: '0a1b2c3d4e5f-shop-v1' });
  const layers = JSON.parse(result.outputs['layers'] ?? '') as { what: string; bytes: number }[];
  const manifest = world.registry.manifests.get('0a1b2c3d4e5f-shop-v2') ?? '';
  // The configuration is the same here: the labels of the fake are.
  expect(Number(result.outputs['pushed'])).toBe((layers.at(-1)?.bytes ?? 0) + Buffer.byteLength(manifest));
  expect(result.summary).toContain('| packages | 80 B | the same |');
  expect(result.summary).toMatch(/\| models \| \d+ B \| \+0 B \|/);
});

test('the same again sends nothing', async () => {
  const { result: first } = await world.run();
  const { result } = await world.run({ previous: first.outputs['digest'] ?? '' });
  expect([result.outputs['digest'], result.outputs['pushed']]).toEqual([first.outputs['digest'], '0']);
  expect(result.summary).toMatch(/\| all \| .* \| the same \|/);
});

test('a last release that is not there is said, and stops nothing', async () => {
  const { result } = await world.run({ previous: 'never-was' });
  expect(result.status).toBe(0);
  expect(result.summary).toContain('The last release, never-was, is not in the registry as one image.');
});

test('without push nothing is asked of the registry', async () => {
  const { result } = await world.run({ push: 'false', 'signing-key': 'KEY-LINE' });
  expect([result.status, result.outputs['pushed'], result.outputs['signed']]).toEqual([0, undefined, 'false']);
  expect(world.registry.requests).toEqual([]);
  expect(result.summary).toContain('not pushed');
});

test('an image without models needs no state', async () => {
  const { result, call } = await world.run({ models: 'none', tag: 'plain' }, { env: { CLEAVER_HOME: '' } });
  expect(result.outputs).toMatchObject({ models: '', tag: 'plain' });
  expect(call('buildah build')?.args.join()).not.toContain('--build-context');
});

test('a challenger goes in beside the champion when it is asked for', async () => {
  await world.register('second', 'challenger');
  const { result } = await world.run({ models: 'champion,challenger' });
  expect(result.outputs).toMatchObject({ models: 'shop=v1+v2', tag: '0a1b2c3d4e5f-shop-v1-shop-v2' });
});

test('no champion, no image', async () => {
  await rm(path.join(world.root, 'state'), { recursive: true });
  const { result } = await world.run();
  expectError(result, 'CHAMPION_MISSING', /^No model has a champion yet \(models: shop\)/, /models: none/);
});

test('inputs that cannot be are told together', async () => {
  const { result } = await world.run({ image: 'shop', models: 'all', tag: 'a b', push: 'yes', previous: 'x y' });
  expect(result.status).toBe(2);
  for (const name of ['image', 'models', 'tag', 'push', 'previous'])
    expect(result.annotations[0]?.message).toContain(`  ${name}: must be`);
});
