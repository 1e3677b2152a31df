import { existsSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { fakePrograms } from './fixtures/fake-programs.ts';
import { expectError, fakedWorld, type FakedWorld } from './fixtures/faked-build.ts';

let world: FakedWorld;

beforeEach(async () => {
  world = await fakedWorld();
});

test('settings of npm and certificates of the network are handed on as secrets of the build', async () => {
  await writeFile(path.join(world.root, '.npmrc'), 'registry=https://npm.example');
  const ca = path.join(world.root, 'ca.pem');
  await writeFile(ca, '');
  const { call } = await world.run({ 'base-image': 'mirror.example/node:24' }, { env: { NODE_EXTRA_CA_CERTS: ca } });
  expect(call('buildah build')?.args).toEqual(
    expect.arrayContaining([
      `--secret=id=npmrc,src=${world.root}/.npmrc`,
      `--secret=id=ca,src=${ca}`,
      '--build-arg=NODE_IMAGE=mirror.example/node:24',
    ]),
  );
});

test('the tool is Docker Buildx where its daemon answers', async () => {
  const { result, call } = await world.run({}, { programs: ['docker', 'buildah', 'npm'] });
  expect(result.log).toContain('Docker Buildx builds');
  const built = call('docker buildx build');
  expect(built?.env['SOURCE_DATE_EPOCH']).toBe('0');
  expect(built?.args.join(' ')).toMatch(
    /--provenance=false --sbom=false --output=type=oci,tar=false,dest=\S+,compression=gzip,force-compression=true,rewrite-timestamp=true/,
  );
  expect(world.registry.manifests.has('0a1b2c3d4e5f-shop-v1')).toBe(true);
});

test('the tool is Buildah where the daemon does not answer', async () => {
  const failures = [{ when: 'docker info', status: 1, says: 'Cannot connect to the Docker daemon' }];
  const { call } = await world.run({}, { programs: ['docker', 'buildah', 'npm'], failures });
  expect(call('buildah build')?.env['BUILDAH_ISOLATION']).toBe('chroot');
});

test('the tool is isolated as its user says', async () => {
  const { call } = await world.run({}, { env: { BUILDAH_ISOLATION: 'oci' } });
  expect(call('buildah build')?.env['BUILDAH_ISOLATION']).toBe('oci');
});

test('the tool is missed where there is neither', async () => {
  const { result } = await world.run({}, { programs: ['npm'] });
  expectError(
    result,
    'IMAGE_TOOL_MISSING',
    /^There is neither Docker with Buildx nor Buildah/,
    /apt-get install buildah/,
  );
});

test.for([
  [
    'Error: creating build container: initializing source docker://node:24-slim: connection refused',
    'IMAGE_BASE_MISSING',
    /cannot be pulled\. buildah ended with 125: Error: creating build container/,
  ],
  ['write /app/x: no space left on device', 'DISK_FULL', /^No room left to build/],
  [
    'npm error code E404\nError: building at STEP "RUN npm ci": exit status 1',
    'IMAGE_BUILD_FAILED',
    /ended with 125: Error: building at STEP "RUN npm ci"/,
  ],
] as const)('a build that fails says why: %s', async ([says, code, message]) => {
  const { result } = await world.run({}, { failures: [{ when: 'buildah build', status: 125, says }] });
  expectError(result, code, message, /\w/);
  expect(result.log).toContain(says.split('\n', 1)[0]);
  expect(world.registry.manifests.size).toBe(0);
});

test('a cancelled build is ended, and leaves nothing', async () => {
  const fakes = await fakePrograms(world.root, ['buildah'], [{ when: 'buildah build', says: 'STEP 4: npm ci' }]);
  const image = `${world.registry.host}/owner/shop`;
  const running = await world.start({ image, 'plain-http': 'true' }, { PATH: fakes.path, HOME: world.root });
  await running.said('STEP 4');
  running.kill('SIGINT');
  expect((await running.ended).status).toBe(130);
  expect(await readdir(world.temporary)).toEqual([]);
  const { pid } = (await fakes.calls()).at(-1) ?? { pid: 0 };
  await expect.poll(() => isAlive(pid)).toBe(false);
});

/** One that has ended but that nobody has asked after (a zombie) is not running. */
function isAlive(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !readFileSync(stat, 'utf8').includes(') Z ');
}
