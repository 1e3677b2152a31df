import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../../bench/serve/launch.ts';
import { startProgram } from '../../monitoring/chain/program.ts';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { noCluster } from './component.ts';
import { releaseWorld, type ReleaseWorld } from './release-world.ts';

/** The password `right`, as `htpasswd -B` writes it; of this test alone. */
const ACCOUNT = 'shop:$2y$05$JIULV3oiDiSbeq3rVpjTKePPcPVEYxUj83naYhHr6W2KhEiyS5zS.';

/** Registries that do not take an image; the tests follow one another. */
describe.skipIf(noCluster)(`a registry that does not take the image${noCluster ? ` (${noCluster})` : ''}`, () => {
  let world: ReleaseWorld;
  beforeAll(async () => {
    world = await releaseWorld('registries', 30_084, { replicas: 1 });
    return world.close;
  });

  /** A registry of its own; answers the name of an image in it. */
  async function registry(folder: string, more: object = {}): Promise<string> {
    const [port] = await freePorts();
    const file = path.join(await temporaryFolder(), 'registry.json');
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: `127.0.0.1:${port}` },
      ...more,
    };
    // JSON is YAML.
    await writeFile(file, JSON.stringify(config));
    const program = await startProgram(['docker-registry', 'serve', file], { port, ready: '/', cwd: folder });
    onTestFinished(() => program.stop());
    return `127.0.0.1:${port}/shop`;
  }

  test('what is good is released', async () => {
    await world.register('first');
    const built = await world.build();
    expect(built.status, built.log).toBe(0);
    const released = await world.release({ image: built.outputs['image'] ?? '', 'bake-seconds': '1' });
    expect(released.status, released.log).toBe(0);
    await world.register('second');
  });

  test('one that is full is told as full, and the old release serves', async () => {
    const disk = await smallDisk(8);
    const built = await world.build({ image: await registry(disk.folder) });
    expect(built.status).not.toBe(0);
    expect(built.outputs['error'], built.log).toContain('IMAGE_REGISTRY_FULL');
    expect(await world.served()).toBe('v1');
  });

  test('a wrong password is told as that, and appears nowhere', async () => {
    const htpasswd = path.join(await temporaryFolder(), 'htpasswd');
    await writeFile(htpasswd, `${ACCOUNT}\n`);
    const image = await registry(await temporaryFolder(), { auth: { htpasswd: { realm: 'shop', path: htpasswd } } });
    const built = await world.build({ image, username: 'shop', password: 'a-wrong-password' });
    expect(built.status).not.toBe(0);
    expect(built.outputs['error'], built.log).toContain('IMAGE_REGISTRY_DENIED');
    // But in the command that has GitHub mask it.
    const log = built.log.replaceAll(/^::add-mask::.*$/gm, '');
    expect(JSON.stringify({ ...built, log })).not.toContain('a-wrong-password');
    expect(await world.served()).toBe('v1');
  });
});
