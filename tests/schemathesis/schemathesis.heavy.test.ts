import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { homeAt } from '../../pipelines/adapters/home.ts';
import { findPython } from '../../pipelines/adapters/python-environment.ts';
import { makeApiKey } from '../../service/access/api-keys.ts';
import { type RunningServer, startServer } from '../../service/server.ts';
import { readSettings } from '../../service/settings.ts';
import { fakeVersion } from '../support/fake-registry.ts';
import { LOCK } from './install.ts';

const exec = promisify(execFile);
const python = await findPython(LOCK);
if (python === undefined && process.env['CI']) throw new Error('In CI, run before: npm run test:clients');

const { key, line } = makeApiKey('schemathesis', ['predict', 'outcomes', 'admin', 'metrics']);
const lines: string[] = [];
let folder: string;
let server: RunningServer;
let documentFile: string;

describe.skipIf(python === undefined)('the OpenAPI document (needs: npm run test:clients)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cleaver-schemathesis-'));
    const home = homeAt(path.join(folder, 'home'));
    const registry = openFileRegistry(home.registry, home.work);
    const { version } = await registry.register(path.join(import.meta.dirname, 'model.onnx'), {
      ...fakeVersion('shop', 'v1', 'takes missing'),
      features: {
        orders: { type: 'number', range: { min: 0, max: 1000, outside: 'refuse' } },
        tier: { type: 'category', values: ['basic', 'gold'] },
      },
    });
    await registry.setAlias('shop', 'champion', version);
    const keys = path.join(folder, 'keys');
    await writeFile(keys, `${line}\n`);
    const settings = readSettings({
      PORT: '0',
      CLEAVER_API_KEYS_FILE: keys,
      // The machine is busy with making up requests: nothing is to be shed for that.
      CLEAVER_MAX_LOOP_DELAY_MS: '60000',
    });
    server = await startServer({ home, settings, log: (text) => lines.push(text) });
    const document = await fetch(`${server.url}/openapi.json`, { headers: { 'x-api-key': key } });
    documentFile = path.join(folder, 'openapi.json');
    await writeFile(documentFile, await document.text());
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test('is valid OpenAPI 3.1', async () => {
    expect(await run('openapi-spec-validator', ['--schema', '3.1', documentFile])).toMatch(/OK\s*$/);
  });

  test('is kept: no answer is a 5xx, undocumented or of another shape, and what it forbids is refused', async () => {
    const config = path.join(import.meta.dirname, 'schemathesis.toml');
    const output = await run('st', ['--no-color', '--config-file', config, 'run', documentFile, '--url', server.url]);
    expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(1000);
    expect(output).toMatch(/Tested: (\d+)/);
    expect(lines).toEqual(['serve: shop v1 answers requests']);
  }, 180_000);
});

/** Runs a program of the environment in the test's own folder; its output, also when it fails. */
async function run(program: string, parameters: string[]): Promise<string> {
  const work = path.join(folder, 'work');
  await mkdir(work, { recursive: true });
  const options = { cwd: work, env: { ...process.env, SERVICE_KEY: key }, maxBuffer: 1e8, timeout: 150_000 };
  const done = await exec(path.join(path.dirname(python ?? ''), program), parameters, options).catch(
    (error: unknown) => {
      throw new Error(`${program} fails:\n${(error as { stdout: string }).stdout}`, { cause: error });
    },
  );
  return done.stdout;
}
