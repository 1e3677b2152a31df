import { execFile, execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noCluster } from '../../tests/cluster/component.ts';
import type { ActionResult } from '../../tests/support/run-action.ts';
import { closedAddress } from './fixtures/fake-image-registry.ts';
import { expectError } from './fixtures/faked-build.ts';
import { imageWorld, type ImageWorld } from './fixtures/image-world.ts';
import { restrictedPod } from './fixtures/restricted-pod.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const MAX_BYTES_ABOVE_BASE = 120_000_000;
const KEY_PASSWORD = 'key-pass';

const run = promisify(execFile);
// A repository of its own, so that the registry has nothing of it.
const image = `${process.env['REGISTRY'] ?? ''}/build-image-${crypto.randomUUID().slice(0, 8)}`;
const figures: string[] = [];

let folder = '';
let checkout = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cleaver-image-'));
  checkout = await copyOfCheckout(path.join(folder, 'checkout'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  process.stdout.write(figures.map((line) => `  ${line}\n`).join(''));
});

describe.skipIf(noCluster)(`the image, really built${noCluster ? ` (${noCluster})` : ''}`, () => {
  let first: ActionResult;
  let second: ActionResult;

  test('two builds from nothing give one digest, small enough', { timeout: 1_200_000 }, async () => {
    const world = await imageWorld(checkout);
    await world.register('first');
    const began = performance.now();
    first = await build(world, 'one');
    figures.push(`from nothing: ${secondsSince(began)} s, ${first.outputs['pushed'] ?? ''} bytes pushed`);
    // Another runner with the same state: nothing of the first build is known to it.
    const other = await imageWorld(checkout);
    await other.register('first');
    const again = await build(other, 'two');
    expect(again.outputs['digest']).toBe(first.outputs['digest']);
    expect(again.outputs['pushed']).toBe('0');
    const above = Number(first.outputs['size']) - Number(first.outputs['base-size']);
    figures.push(`${above} bytes above the base of ${first.outputs['base-size'] ?? ''}`);
    expect(above).toBeLessThanOrEqual(MAX_BYTES_ABOVE_BASE);
  });

  test('of a retrained model its layer alone is pushed', async () => {
    const world = await imageWorld(checkout);
    await world.register('first');
    await world.register('second');
    const began = performance.now();
    second = await build(world, 'one', { previous: first.outputs['tag'] ?? '' });
    const [before, after] = [first, second].map(layersOf);
    expect(after?.slice(0, -1)).toEqual(before?.slice(0, -1));
    const layer = after?.at(-1);
    expect(layer?.what).toBe('models');
    expect(layer?.digest).not.toBe(before?.at(-1)?.digest);
    figures.push(
      `a new model: ${secondsSince(began)} s, ${second.outputs['pushed'] ?? ''} bytes pushed, of them ${layer?.bytes ?? 0} the layer`,
    );
    // Besides the layer only what describes the image: configuration and manifest.
    expect(Number(second.outputs['pushed']) - (layer?.bytes ?? 0)).toBeLessThan(16_384);
  });

  test('it answers as a restricted pod with a read-only root, and records what it answers', async () => {
    const pod = await restrictedPod(second.outputs['image'] ?? '');
    expect(await pod.ready()).toMatchObject({ ready: true, models: [{ model: 'shop', version: 'v2' }] });
    figures.push(`start of the process to ready: ${await pod.msToReady()} ms`);
    await expect(pod.node("fs.writeFileSync('/app/x', '')")).rejects.toThrow(/EROFS/);
    expect(await pod.node('console.log(process.getuid(), process.getgid())')).toBe('1000 1000');
    expect(
      await pod.node("console.log(/CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/1/status', 'utf8'))[1])"),
    ).toMatch(/^0+$/);
    await pod.predict({ row: { orders: 1, tier: 'basic' } });
    await expect
      .poll(() => pod.node("console.log(fs.readdirSync('/var/lib/cleaver/predictions').join())"), { timeout: 10_000 })
      .toMatch(/\.w0\.(open|ndjson)/);
  });

  test('its signature, list of packages and provenance are verified by its key and by no other, without a service', async () => {
    const world = await imageWorld(checkout);
    await world.register('second');
    const [ours, other] = [await keyPair('ours'), await keyPair('other')];
    const signed = await build(world, 'one', { 'signing-key': ours.key, 'signing-password': KEY_PASSWORD });
    expect(signed.outputs['signed']).toBe('true');
    const name = signed.outputs['image'] ?? '';
    await verify('verify', ours.file, name);
    await verify('verify-attestation', ours.file, '--type=cyclonedx', name);
    const { stdout } = await verify('verify-attestation', ours.file, '--type=slsaprovenance1', name);
    const { payload } = JSON.parse(stdout) as { payload: string };
    expect(JSON.parse(Buffer.from(payload, 'base64').toString())).toMatchObject({
      subject: [{ digest: { sha256: name.split(':').at(-1) } }],
      predicate: {
        buildDefinition: {
          resolvedDependencies: expect.arrayContaining([expect.objectContaining({ name: 'model shop v1' })]) as unknown,
        },
      },
    });
    await expect(verify('verify', other.file, name)).rejects.toThrow(/signature|verif/i);
  });

  test('a registry that is down, and a base that is not there, are told with what to do', async () => {
    const world = await imageWorld(checkout);
    await world.register('first');
    expectError(
      await world.build({ image: `${await closedAddress()}/shop`, 'plain-http': 'true' }),
      'IMAGE_REGISTRY_UNREACHABLE',
      /^The registry of .*\/shop does not answer: connect ECONNREFUSED/,
      /Is the registry up/,
    );
    expectError(
      await world.build({ image, 'plain-http': 'true', 'base-image': `${process.env['REGISTRY'] ?? ''}/no-such:base` }),
      'IMAGE_BASE_MISSING',
      /^The base image cannot be pulled\. /,
      /base-image/,
    );
  });
});

/** What a build reads, as it is now: two builds are of the same even where somebody is at work on the code. */
async function copyOfCheckout(to: string): Promise<string> {
  const all = ['Dockerfile', '.dockerignore', '.npmrc', 'package.json', 'package-lock.json', '.github', 'models'];
  const tools = ['actions/build-image/bundle.ts', 'actions/build-image/strip-packages.ts'];
  for (const name of [...all, 'pipelines', 'service', ...tools]) {
    await cp(path.join(ROOT, name), path.join(to, name), { recursive: true });
  }
  return to;
}

/** Builds with a layer store of its own, so that two of them know nothing of each other. */
async function build(world: ImageWorld, store: string, inputs: Record<string, string> = {}): Promise<ActionResult> {
  const file = path.join(folder, `${store}.conf`);
  const at = (name: string) => path.join(folder, store, name);
  // Mounted over itself, as it is by default, the folder could not be removed.
  const overlay = '[storage.options.overlay]\nskip_mount_home = "true"\n';
  await writeFile(
    file,
    `[storage]\ndriver = "overlay"\ngraphroot = "${at('graph')}"\nrunroot = "${at('run')}"\n${overlay}`,
  );
  const env = { CONTAINERS_STORAGE_CONF: file };
  const result = await world.build({ image, 'plain-http': 'true', ...inputs }, env);
  expect(result.annotations).toEqual([]);
  return result;
}

interface Layer {
  what: string;
  digest: string;
  bytes: number;
}

function layersOf({ outputs }: ActionResult): Layer[] {
  return JSON.parse(outputs['layers'] ?? '[]') as Layer[];
}

async function keyPair(name: string): Promise<{ key: string; file: string }> {
  const at = path.join(folder, name);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(`${at}.pem`, privateKey.export({ type: 'sec1', format: 'pem' }));
  execFileSync('cosign', ['import-key-pair', '--key', `${at}.pem`, '--output-key-prefix', at, '--yes'], {
    env: { ...process.env, COSIGN_PASSWORD: KEY_PASSWORD },
    stdio: 'ignore',
  });
  return { key: execFileSync('cat', [`${at}.key`]).toString(), file: `${at}.pub` };
}

async function verify(verb: string, key: string, ...args: string[]) {
  const how = ['--key', key, '--insecure-ignore-tlog=true', '--allow-http-registry'];
  return await run('cosign', [verb, ...how, ...args], { maxBuffer: 64 * 1024 * 1024 });
}

function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}
