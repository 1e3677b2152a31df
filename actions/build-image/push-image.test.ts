import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { closedAddress } from './fixtures/fake-image-registry.ts';
import { expectError, fakedWorld, visibleLog, type FakedWorld } from './fixtures/faked-build.ts';

let world: FakedWorld;

beforeEach(async () => {
  world = await fakedWorld();
});

describe('a login', () => {
  test('may be one of user and password', async () => {
    world.registry.login = { kind: 'basic', username: 'owner', password: 'pass-word' };
    const { result } = await world.run({ username: 'owner', password: 'pass-word' });
    expect(result.status).toBe(0);
  });

  test('may be what docker login has left', async () => {
    world.registry.login = { kind: 'token', username: 'owner', password: 'pass-word' };
    await mkdir(path.join(world.root, '.docker'));
    const auth = Buffer.from('owner:pass-word').toString('base64');
    await writeFile(
      path.join(world.root, '.docker', 'config.json'),
      JSON.stringify({ auths: { [world.registry.host]: { auth } } }),
    );
    expect((await world.run()).result.status).toBe(0);
  });

  test.for(['basic', 'token'] as const)('that is wrong is told before anything is built (%s)', async (kind) => {
    world.registry.login = { kind, username: 'owner', password: 'pass-word' };
    const { result, calls } = await world.run({ username: 'owner', password: 'wrong-one' });
    expectError(
      result,
      'IMAGE_REGISTRY_DENIED',
      /does not let us push .*owner\/shop: it answers 401/,
      /`username` and `password`/,
    );
    expect(calls).toEqual([]);
    expect(visibleLog(result)).not.toContain('wrong-one');
  });
});

describe('a registry', () => {
  test('that is down is told before anything is built', async () => {
    const { result, calls } = await world.run({ image: `${await closedAddress()}/owner/shop` });
    expectError(
      result,
      'IMAGE_REGISTRY_UNREACHABLE',
      /^The registry of .*\/owner\/shop does not answer: connect ECONNREFUSED/,
      /Is the registry up/,
    );
    expect(calls).toEqual([]);
  });

  test('that stumbles is asked again', async () => {
    world.registry.refusals = [{ when: /PUT .*blobs/, status: 503, times: 1 }];
    expect((await world.run()).result.status).toBe(0);
  });

  test.for([
    [
      'full by its disk',
      500,
      '{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"Op":"write","Err":28}}]}',
    ],
    ['full by its status', 507, ''],
    ['full by its quota', 403, '{"errors":[{"code":"DENIED","message":"quota exceeded"}]}'],
  ] as const)('that is %s is told, and no tag points to a half of an image', async ([, status, body]) => {
    world.registry.refusals = [{ when: /PUT .*blobs/, status, body }];
    const { result } = await world.run();
    expectError(
      result,
      'IMAGE_REGISTRY_FULL',
      /^The registry has no room for .*: it answers \d+/,
      /collect its garbage/,
    );
    expect(world.registry.manifests.size).toBe(0);
  });

  test('that is not well for longer is told', async () => {
    world.registry.refusals = [{ when: /POST/, status: 502, body: '<html>Bad Gateway' }];
    const { result } = await world.run();
    expectError(
      result,
      'IMAGE_REGISTRY_UNREACHABLE',
      /is not well: it answers 502: <html>Bad Gateway/,
      /Is the registry up/,
    );
  });

  test('that refuses the name is told', async () => {
    world.registry.refusals = [
      {
        when: /POST/,
        status: 404,
        body: '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}',
      },
    ];
    const { result } = await world.run();
    expectError(
      result,
      'IMAGE_REGISTRY_REFUSED',
      /does not take .*: it answers 404: NAME_UNKNOWN, repository name not known/,
      /must be made first/,
    );
  });
});
