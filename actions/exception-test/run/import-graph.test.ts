import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { readImportGraph } from './import-graph.ts';

const FILES = {
  'package.json': '{ "name": "root", "dependencies": { "@tools/store": "1" }, "devDependencies": { "vitest": "5" } }',
  'data/rows.csv': '1\n',
  'README.md': 'prose',
  'vitest.config.ts':
    "import 'vitest/config';\nimport { base } from './base.config.js';\nexport default { ...base, setupFiles: ['tests/setup.ts'] };\n",
  'base.config.ts': 'export const base = {};\n',
  'tests/setup.ts': "import './setup-deep.ts';\n",
  'tests/setup-deep.ts': 'export {};\n',
  'tests/a.test.ts': "import { a } from '../src/a.js';\nimport '@shared/money';\nimport '@tools/store/alone';\n",
  'src/a.ts': "export { b } from './b';\nexport const later = () => import('./later.mjs');\n",
  'src/b/index.ts': "const c = require('../c.cjs');\nimport type { T } from '@/types/t';\n",
  'src/c.cjs': 'module.exports = 1;\n',
  'src/later.mjs': "import './a.ts';\n",
  'src/types/t.ts': 'export type T = 1;\n',
  'src/config.ts': 'export const config = 1;\n',
  'src/alone.ts': 'export const alone = 1;\n',
  'packages/money/package.json': '{ "name": "@shared/money" }',
  'packages/money/src/index.ts': 'export const money = 1;\n',
  'packages/wrong/package.json': '{ "name": ',
};

/** Which files, when one character is added to them, change what is asked. */
async function changedBy(ask: (root: string) => string): Promise<string[]> {
  const root = await temporaryFolder();
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(FILES)) await write(file, text);
  const before = ask(root);
  expect(ask(root)).toBe(before);
  const found: string[] = [];
  for (const [file, text] of Object.entries(FILES)) {
    await write(file, `${text} `);
    if (ask(root) !== before) found.push(file);
    await write(file, text);
  }
  return found;
}

test('a file is made of itself and of all that it imports, by whatever name', async () => {
  expect(await changedBy((root) => readImportGraph(root).closureHash(['tests/a.test.ts']))).toEqual([
    'tests/a.test.ts',
    'src/a.ts',
    'src/b/index.ts',
    'src/c.cjs',
    'src/later.mjs',
    'src/types/t.ts',
    'packages/money/src/index.ts',
  ]);
});

test('all are made of data, and of vitest’s configuration with its setup files; prose is left out', async () => {
  expect(await changedBy((root) => readImportGraph(root).rest)).toEqual([
    'package.json',
    'data/rows.csv',
    'vitest.config.ts',
    'base.config.ts',
    'tests/setup.ts',
    'tests/setup-deep.ts',
    'packages/money/package.json',
    'packages/wrong/package.json',
  ]);
});

test('a file that is added or removed is a change too', async () => {
  const root = await temporaryFolder();
  const rest = () => readImportGraph(root).rest;
  const empty = rest();
  await writeFile(path.join(root, 'rows.csv'), '');
  expect(rest()).not.toBe(empty);
  expect(readImportGraph(root).hashOf('rows.csv')).toBeUndefined();
});
