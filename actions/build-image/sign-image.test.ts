import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { expectError, fakedWorld, visibleLog, type FakedWorld } from './fixtures/faked-build.ts';
const SECRETS = {
  username: 'owner',
  password: 'pass-word',
  'signing-key': 'KEY-LINE-1\nKEY-LINE-2',
  'signing-password': 'key-pass',
};

let world: FakedWorld;

beforeEach(async () => {
  world = await fakedWorld();
});

test('an image is signed by its digest, with list of packages and provenance, and no secret is to be seen', async () => {
  world.registry.login = { kind: 'token', username: 'owner', password: 'pass-word' };
  const { result, calls, call } = await world.run(SECRETS);
  expect([result.status, result.outputs['signed']]).toEqual([0, 'true']);
  const sign = call('cosign sign');
  expect(sign?.args).toEqual(
    expect.arrayContaining(['--key=env://COSIGN_PRIVATE_KEY', '--allow-http-registry', result.outputs['image']]),
  );
  expect(sign?.env).toMatchObject({ COSIGN_PRIVATE_KEY: SECRETS['signing-key'], COSIGN_PASSWORD: 'key-pass' });
  // Only cosign gets the key.
  expect(calls.filter(({ env }) => env['COSIGN_PASSWORD'] !== undefined).map(({ program }) => program)).toEqual([
    'cosign',
    'cosign',
    'cosign',
  ]);
  for (const secret of ['pass-word', 'KEY-LINE', 'key-pass', Buffer.from('owner:pass-word').toString('base64')]) {
    expect(JSON.stringify(calls.map(({ args }) => args))).not.toContain(secret);
    expect(visibleLog(result)).not.toContain(secret);
    expect(result.summary).not.toContain(secret);
  }
  const sbom = await attested('cyclonedx');
  expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', dependencies: [{ ref: 'zod@1', dependsOn: [] }] });
  expect((sbom['components'] as { name: string }[]).map(({ name }) => name)).toEqual([
    'zod',
    `@duckdb/node-bindings-${process.platform}-${process.arch}`,
  ]);
  expect(await attested('slsaprovenance1')).toMatchObject({
    buildDefinition: {
      externalParameters: { baseImage: 'docker.io/library/node:24-slim' },
      resolvedDependencies: [
        {
          uri: 'git+https://github.com/owner/shop@refs/heads/main',
          digest: { gitCommit: '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567' },
        },
        { name: 'Dockerfile' },
        {
          name: 'package-lock.json',
          digest: { sha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' },
        },
        {
          name: 'model shop v1',
          digest: { sha256: '804bf818dac8aff0eb3c5c6e97668124262a29cb05f387f975012f27ae7511e0' },
        },
      ],
    },
    runDetails: {
      builder: { id: 'https://github.com/owner/shop/.github/workflows/deploy.yml@refs/heads/main' },
      metadata: { invocationId: 'https://github.com/owner/shop/actions/runs/1234/attempts/1' },
    },
  });
});

test('a signature needs cosign', async () => {
  const { result } = await world.run(SECRETS, { programs: ['buildah', 'npm'] });
  expectError(result, 'IMAGE_TOOL_MISSING', /no cosign on this machine/, /Install cosign 3/);
});

test('a signature needs a key that opens', async () => {
  const says = 'Error: signing: getting signer: reading key: decrypt: encrypted: decryption failed';
  const { result } = await world.run(SECRETS, { failures: [{ when: 'cosign sign', status: 1, says }] });
  expectError(
    result,
    'IMAGE_SIGNING_FAILED',
    /^cosign ended with 1: Error: signing: .* decryption failed/,
    /signing-password/,
  );
});

test('the list of packages is written where it is wanted', async () => {
  await world.run({ sbom: 'sbom.json' });
  expect(await readFile(path.join(world.checkout, 'sbom.json'), 'utf8')).toContain('"CycloneDX"');
});

test('a list of packages that npm cannot make is told', async () => {
  const failures = [{ when: 'npm sbom', status: 1, says: 'npm ERR! code EUSAGE' }];
  const { result } = await world.run({ sbom: 'sbom.json' }, { failures });
  expectError(result, 'IMAGE_SBOM_FAILED', /^npm sbom ended with 1: npm ERR! code EUSAGE/, /npm 10/);
});

async function attested(kind: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(world.root, `attested-${kind}.json`), 'utf8')) as Record<string, unknown>;
}
