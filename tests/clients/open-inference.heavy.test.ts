import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { homeAt } from '../../pipelines/adapters/home.ts';
import { findPython } from '../../pipelines/adapters/python-environment.ts';
import { type RunningServer, startServer } from '../../service/server.ts';
import { fakeVersion } from '../support/fake-registry.ts';
import { CLIENTS_LOCK } from './install.ts';

const run = promisify(execFile);
const INSTALL = 'npm run test:clients';
const python = await findPython(CLIENTS_LOCK);
if (python === undefined && process.env['CI'])
  throw new Error(`The Python clients must be installed in CI: ${INSTALL}`);
const skipped = python === undefined ? ` (skipped: they are not installed here; run ${INSTALL})` : '';

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cleaver-clients-'));
  const home = homeAt(folder);
  const registry = openFileRegistry(home.registry, home.work);
  const file = path.join(import.meta.dirname, '..', 'models', 'first.onnx');
  const { version } = await registry.register(file, fakeVersion('shop', 'v1', 'first'));
  await registry.setAlias('shop', 'champion', version);
  await registry.register(file, fakeVersion('young', 'v1', 'first'));
  server = await startServer({ home, port: 0, log: () => undefined });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function use(program: string, address: string): Promise<Record<string, unknown>> {
  const { stdout } = await run(python ?? '', [path.join(import.meta.dirname, program), address], { timeout: 120_000 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const near = (value: number) => expect.closeTo(value, 6) as number;
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
// What tests/models/make.py says of the model: sigmoid(orders + 2 × index of the tier).
const SCORES = [near(sigmoid(2.5)), near(sigmoid(-1))];
const ERRORS = {
  shape: /^inputs\[0\]\.shape: The shape must be \[rows, 2\], not \[1, 3\]\./,
  infinite: /^inputs\[0\]: Value 0 is no finite 32-bit number\./,
  category: /^inputs\[1\](\.data\[0\])?: tier must be one of basic, gold, not "silver"\./,
  missing: /^inputs: The feature tier is missing\./,
  output: /^outputs\[0\]\.name: The only output is "score"\./,
};
const PREDICTION_IDS = [expect.stringMatching(/^[0-9a-f-]{36}-0$/), expect.stringMatching(/^[0-9a-f-]{36}-1$/)];
const READY = {
  live: true,
  modelReady: true,
  versionReady: true,
  otherVersionReady: false,
  otherModelReady: false,
  notPromotedReady: false,
};

describe.skipIf(python === undefined)(`the Python clients${skipped}`, () => {
  test('tritonclient works unchanged', async () => {
    const found = await use('use_tritonclient.py', server.url.replace('http://', ''));
    const model = { name: 'shop', versions: ['v1'], inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }] };
    expect(found['health']).toMatchObject({
      ...READY,
      // The server is not, as long as one of the models has no champion.
      ready: false,
      server: { name: 'cleaver', extensions: ['binary_tensor_data'] },
      model,
      version: model,
    });
    expect(found['oneTensor']).toEqual({
      scores: {
        'json in, json out': SCORES,
        'json in, binary out': SCORES,
        'binary in, json out': SCORES,
        'binary in, binary out': SCORES,
        'outputs not named': SCORES,
      },
      id: 'größe 1',
      version: 'v1',
    });
    const whole = [near(sigmoid(3)), near(sigmoid(-1))];
    const natural = [near(sigmoid(3)), near(sigmoid(0))];
    const expected = {
      ...{ FP32: SCORES, FP64: SCORES, INT8: whole, INT16: whole, INT32: whole, INT64: whole },
      ...{ UINT8: natural, UINT16: natural, UINT32: natural, UINT64: natural, BOOL: natural },
    };
    expect(found['features']).toEqual(
      Object.fromEntries(
        Object.entries(expected).flatMap(([type, scores]) =>
          ['json', 'binary'].map((form) => [`${type} ${form}`, scores]),
        ),
      ),
    );
    const differences = Object.entries(found['compression'] as Record<string, number>);
    expect(differences.map(([name]) => name)).toEqual(
      ['None', 'gzip', 'deflate'].flatMap((name) => [`${name} json`, `${name} binary`]),
    );
    for (const [name, difference] of differences) expect(difference, name).toBeLessThan(1e-6);
    const refused = (message: RegExp) => ({ status: '400', message: expect.stringMatching(message) as string });
    const unknown = { status: '404', message: expect.stringMatching(/\w/) as string };
    expect(found['errors']).toEqual({
      shape: refused(ERRORS.shape),
      infinite: refused(ERRORS.infinite),
      category: refused(ERRORS.category),
      'feature missing': refused(ERRORS.missing),
      output: refused(ERRORS.output),
      ...{ model: unknown, version: unknown, metadata: unknown, extension: unknown },
    });
    expect(found['predictionIds']).toEqual(PREDICTION_IDS);
    expect(found['atOnce']).toEqual(Array.from({ length: 40 }, (_, index) => near(sigmoid(index - 20))));
  });

  test("KServe's own client works unchanged", async () => {
    const found = await use('use_kserve.py', server.url);
    const status = (code: number, message: RegExp) => ({
      status: code,
      message: expect.stringMatching(message) as string,
    });
    expect(found['health']).toEqual({ ...READY, ready: status(503, /'503 Service Unavailable'/) });
    expect(found['oneTensor']).toEqual({
      scores: {
        'json in, json out': SCORES,
        'json in, binary out': SCORES,
        'json in, all out binary': SCORES,
        'binary in, json out': SCORES,
        'binary in, binary out': SCORES,
        'binary in, all out binary': SCORES,
        'a dict': SCORES,
        'a list': SCORES,
      },
      id: 'größe 1',
      model: 'shop',
    });
    expect(found['features']).toEqual({ json: SCORES, binary: SCORES });
    // The client takes gzip by itself.
    expect(found['many']).toEqual({ error: expect.closeTo(0, 6) as number, encoding: 'gzip' });
    expect(found['errors']).toEqual({
      shape: status(400, ERRORS.shape),
      category: status(400, ERRORS.category),
      model: status(404, /^There is no model "shoe"\./),
    });
    expect(found['predictionIds']).toEqual(PREDICTION_IDS);
  });
});
