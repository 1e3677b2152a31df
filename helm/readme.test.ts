import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { chartFiles, VALUES_MARKS, withValues } from './readme.ts';
import { chartValuesOf } from './values-comments.ts';
import { schemaOf } from './values-json-schema.ts';

const ROOT = path.join(import.meta.dirname, '..');

test('README and schema of the chart are as its values.yaml wants them', async () => {
  const files = await chartFiles(ROOT);
  expect(files.map(({ file }) => path.basename(file))).toEqual(['README.md', 'values.schema.json']);
  for (const { found, wanted } of files) expect(found).toBe(wanted);
});

test('where there is no chart, nothing is generated', async () => {
  expect(await chartFiles(await temporaryFolder())).toEqual([]);
});

test('the README has a row for each value, with its default and what may stand there', async () => {
  const values = chartValuesOf(await readFile(path.join(ROOT, 'helm', 'cleaver', 'values.yaml'), 'utf8'));
  const readme = withValues(VALUES_MARKS.join('\n'), values, schemaOf(values)) ?? '';
  const rows = readme.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  for (const { path: names } of values.filter(({ path: { length } }) => length > 1))
    expect(rows.filter(([first]) => first === `\`${names.join('.')}\``)).toHaveLength(1);
  expect(rows).toContainEqual(['`replicas`', '`2`', '0 to 1000', expect.stringContaining('How many pods') as string]);
  expect(rows).toContainEqual(['`image.tag`', '`""`', 'text', expect.stringContaining('appVersion') as string]);
  expect(rows.find(([first]) => first === '`route.kind`')?.[2]).toBe('`none`, `Ingress`, `HTTPRoute`');
  expect(rows.find(([first]) => first === '`disruptionBudget.maxUnavailable`')?.[2]).toBe('a whole number, or text');
  expect(rows.find(([first]) => first === '`resources.limits`')?.slice(1, 3)).toEqual(['', '']);
});

test('a README without marks has no place for the tables', () => {
  const values = chartValuesOf('# One.\na: 1\n');
  expect(withValues('# cleaver\n', values, schemaOf(values))).toBeUndefined();
});
