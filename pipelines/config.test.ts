import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { loadModel, modelNames } from './config.ts';

const MANIFEST = `export default {
  title: 'Who orders', source: { url: 'files:data', tables: { orders: { time: 'ordered_at' } } },
  entity: 'customer', features: { orders: { type: 'number' } }, label: { maturityDays: 7 },
};`;

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'orders'));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, 'orders', name), text);
  return folder;
}

const QUERIES = { 'mart.sql': 'SELECT 1', 'label.sql': 'SELECT 2' };

test('a model folder is read with every default filled in', async () => {
  const folder = await folderWith({ 'model.ts': MANIFEST, ...QUERIES });
  const model = await loadModel('orders', folder);
  expect(model).toMatchObject({ name: 'orders', martSql: 'SELECT 1', labelSql: 'SELECT 2' });
  expect(model.manifest).toMatchObject({
    window: { days: 28, holdoutDays: 3 },
    gate: { confidence: 0.95 },
    mart: { everyDays: 1 },
  });
  expect(await modelNames(folder)).toEqual(['orders']);
});

test('an unknown model is told which there are', async () => {
  const folder = await folderWith({});
  await expect(loadModel('order', folder)).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
    message: expect.stringContaining('There are: orders') as string,
  });
  await expect(loadModel('../orders', folder)).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
});

test('a folder without a manifest is MANIFEST_MISSING', async () => {
  await expect(loadModel('orders', await folderWith(QUERIES))).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
});

test('a manifest with several problems tells all of them, each with its place', async () => {
  const wrong = MANIFEST.replace("'number'", "'numbre'")
    .replace('maturityDays: 7', 'maturityDays: 0, days: 3')
    .replace('title:', 'titel:');
  const loading = loadModel('orders', await folderWith({ 'model.ts': wrong, ...QUERIES }));
  await expect(loading).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: expect.stringMatching(/titel[^]*|title/) as string,
  });
  for (const place of ['features.orders.type', 'label.maturityDays', 'title']) {
    await expect(loading).rejects.toThrow(place);
  }
});

test.each([
  ['does not parse', 'export default {', /does not load/],
  ['throws', `throw new Error('no such thing')`, /no such thing/],
  ['exports nothing', 'export const model = {};', /the manifest: /],
])('a manifest that %s is MANIFEST_INVALID', async (_, text, message) => {
  const folder = await folderWith({ 'model.ts': text, ...QUERIES });
  await expect(loadModel('orders', folder)).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: expect.stringMatching(message) as string,
  });
});

test('a folder without its queries is MANIFEST_INVALID with the path', async () => {
  const loading = loadModel('orders', await folderWith({ 'model.ts': MANIFEST, 'mart.sql': '' }));
  await expect(loading).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: expect.stringContaining('label.sql') as string,
  });
});
