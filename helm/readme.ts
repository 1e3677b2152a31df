import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { markdownTable } from 'markdown-table';
import { type ChartValue, chartValuesOf } from './values-comments.ts';
import { schemaOf, type Schema, schemaAt } from './values-json-schema.ts';

/** Between them stand the tables of the values. */
export const VALUES_MARKS = ['<!-- values -->', '<!-- /values -->'] as const;

interface GeneratedFile {
  file: string;
  found: string;
  wanted: string | undefined;
}

/** The chart's README and schema as they are and as its values.yaml wants them; none where there is no chart. */
export async function chartFiles(root: string): Promise<GeneratedFile[]> {
  const chart = path.join(root, 'helm', 'cleaver');
  if (!existsSync(chart)) return [];
  const [source, readme, schema] = await Promise.all(
    ['values.yaml', 'README.md', 'values.schema.json'].map((name) => readFile(path.join(chart, name), 'utf8')),
  );
  const values = chartValuesOf(source ?? '');
  const wanted = schemaOf(values);
  return [
    { file: path.join(chart, 'README.md'), found: readme ?? '', wanted: withValues(readme ?? '', values, wanted) },
    {
      file: path.join(chart, 'values.schema.json'),
      found: schema ?? '',
      wanted: `${JSON.stringify(wanted, undefined, 2)}\n`,
    },
  ];
}

/** A README with the tables between its marks; undefined where it has none. */
export function withValues(readme: string, values: readonly ChartValue[], schema: Schema): string | undefined {
  const [opening, closing] = VALUES_MARKS;
  const [begin, end] = [readme.indexOf(opening), readme.indexOf(closing)];
  if (begin === -1 || end < begin) return undefined;
  const parts = sectionsOf(values).flatMap(({ head, rows }) => [
    `### ${head === undefined ? 'Everything' : `\`${head.path.join('.')}\``}`,
    ...(head === undefined ? [] : [head.about]),
    tableOf(rows, schema),
  ]);
  return `${readme.slice(0, begin)}${[opening, ...parts, closing].join('\n\n')}${readme.slice(end + closing.length)}`;
}

interface Section {
  /** Undefined for values that stand by themselves. */
  head: ChartValue | undefined;
  rows: ChartValue[];
}

/** A section for each group at the root; before them one with the values that stand by themselves. */
function sectionsOf(values: readonly ChartValue[]): Section[] {
  const alone: Section = { head: undefined, rows: [] };
  const sections = [alone];
  for (const value of values) {
    const isGroup = value.fallback === undefined;
    if (value.path.length > 1) sections.at(-1)?.rows.push(value);
    else if (isGroup) sections.push({ head: value, rows: [] });
    else alone.rows.push(value);
  }
  return sections;
}

function tableOf(rows: readonly ChartValue[], schema: Schema): string {
  return markdownTable([
    ['Value', 'Default', 'May be', 'What it is'],
    ...rows.map(({ path: names, about, fallback }) => [
      `\`${names.join('.')}\``,
      fallback === undefined ? '' : `\`${JSON.stringify(fallback)}\``,
      fallback === undefined ? '' : mayBe(schemaAt(schema, names)).replaceAll('|', '\\|'),
      about.replaceAll('|', '\\|'),
    ]),
  ]);
}

function mayBe(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(mayBe).join(', or ');
  if (schema.pattern !== undefined) return 'text';
  if (schema.type === 'integer' && (schema.maximum ?? Infinity) < Number.MAX_SAFE_INTEGER)
    return `${schema.minimum ?? 0} to ${schema.maximum ?? ''}`;
  return (
    { integer: 'a whole number', array: 'a list', object: 'a map', boolean: '`true`, `false`' }[schema.type ?? ''] ??
    'a number'
  );
}
