import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseApiKeys } from '../../service/access/api-keys.ts';
import { runCli } from '../../tests/support/run-cli.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { newKey } from './key.ts';

test('key shows a new key once, and the line for the file of keys', async () => {
  const { status, json } = await runCli(await temporaryFolder(), [
    'key',
    'shop',
    '--scopes',
    'predict,outcomes',
    '--json',
  ]);
  expect(status).toBe(0);
  expect(json).toEqual({
    outcome: 'done',
    name: 'shop',
    scopes: ['predict', 'outcomes'],
    key: expect.stringMatching(/^cleaver_/) as string,
    line: expect.stringMatching(/^shop predict,outcomes [0-9a-f]{64}$/) as string,
  });
});

test('key without scopes is a wrong use', async () => {
  const { status, json } = await runCli(await temporaryFolder(), ['key', 'shop', '--json']);
  expect([status, json['code']]).toEqual([2, 'OPTION_INVALID']);
});

test('a person sees the key, and where its line goes', async () => {
  const { text, json } = await newKey('shop', { scopes: '*' });
  expect(text.split('\n')[0]).toBe(json['key']);
  expect(text).toContain(`CLEAVER_API_KEYS_FILE names, then start the service anew:\n${String(json['line'])}`);
});

test('with a file the line is added to it, on a line of its own, and only its owner can read a new one', async () => {
  const file = path.join(await temporaryFolder(), 'keys');
  const first = await newKey('shop', { scopes: 'predict', file });
  expect(first.text).toContain(`Added to ${file}`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, `# ours\n${String(first.json['line'])}`);
  await newKey('chief', { scopes: '*', file });
  const { keys, problems } = parseApiKeys(await readFile(file, 'utf8'));
  expect(problems).toEqual([]);
  expect(keys.map(({ name }) => name)).toEqual(['shop', 'chief']);
  await expect(newKey('shop', { scopes: 'admin', file })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: `${file} has a key of the name shop already.`,
  });
  expect(parseApiKeys(await readFile(file, 'utf8')).keys).toHaveLength(2);
});

test.each([
  ['a name with a space', 'the shop', 'predict', '"the shop" cannot be the name of a key.'],
  ['an unknown scope', 'shop', 'predict,everything', '"predict,everything" are no scopes.'],
])('%s is refused', async (_, name, scopes, message) => {
  await expect(newKey(name, { scopes })).rejects.toMatchObject({ code: 'OPTION_INVALID', message });
});

test.each([
  ['in a folder that is not there', 'no/such/folder', 'ENOENT'],
  ['that is a folder', '.', 'EISDIR'],
])('a file %s is refused', async (_, name, code) => {
  const file = path.join(await temporaryFolder(), name);
  await expect(newKey('shop', { scopes: 'predict', file })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining(`The key cannot be added to ${file}: ${code}`) as string,
    hint: expect.stringContaining('--file') as string,
  });
});
