import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../package.json' with { type: 'json' };
import { metaOf, variables } from '../service/settings-variables.ts';
import { chartValuesOf } from './values-comments.ts';
import { schemaOf, type Schema } from './values-json-schema.ts';
import { chartValues } from './values-schema.ts';

type Values = Record<string, unknown>;

const CHART = path.join(import.meta.dirname, 'cleaver');
const source = await readFile(path.join(CHART, 'values.yaml'), 'utf8');
const described = chartValuesOf(source);
const defaults = parse(source) as Values;
const schema = schemaOf(described);
const kept = await valuesFiles();

describe('values.yaml', () => {
  test('says of every value what it is', () => {
    expect(described.filter(({ about }) => !/[.;:]$/.test(about)).map(({ path: names }) => names.join('.'))).toEqual(
      [],
    );
  });

  test('holds nothing that its schema refuses', () => {
    expect(chartValues.safeParse(defaults).error?.issues).toBeUndefined();
  });

  test('names every value that the schema knows, and no other', () => {
    const inFile = described.map(({ path: names }) => names.join('.'));
    // Of the server's settings, and of amounts, only those with a default stand in the file.
    const known = namesIn(schema).filter((name) => !/^settings\.|resources\.(requests|limits)\./.test(name));
    const said = inFile.filter((name) => !/^settings\.|resources\.(requests|limits)\./.test(name));
    expect(said.toSorted()).toEqual(known.toSorted());
  });
});

describe('the schema', () => {
  test('has a description wherever a name is known', () => {
    const bare = namesIn(schema, ({ description }) => description === undefined);
    expect(bare.filter((name) => !/resources\.(requests|limits)\./.test(name))).toEqual([]);
  });

  test('refuses names that it does not know, in whatever depth', () => {
    const open = objectsIn(schema).filter(({ additionalProperties }) => additionalProperties === undefined);
    // What Helm hands to a part of another chart is the other chart's.
    expect(open).toEqual([{ type: 'object' }]);
  });

  test('knows each setting of the server that the chart does not set itself, within the same bounds', () => {
    const known = schema.properties?.['settings']?.properties ?? {};
    const own = ['HOST', 'PORT', 'CLEAVER_METRICS_PORT', 'CLEAVER_API_KEYS_FILE'];
    const names = Object.keys(variables.shape) as (keyof typeof variables.shape)[];
    expect(Object.keys(known)).toEqual(names.filter((name) => !own.includes(name)));
    for (const name of names.filter((name) => !own.includes(name))) {
      const { type, minimum, maximum, enum: words } = known[name]?.anyOf?.[0] ?? known[name] ?? {};
      const { must } = metaOf(name);
      if (type === 'integer') expect(must).toBe(`be a whole number from ${minimum ?? ''} to ${maximum ?? ''}`);
      else if (type === 'number') expect([minimum, maximum, must]).toEqual([0, 1, 'be a number from 0 to 1']);
      else if (words !== undefined) expect(must).toBe(`be ${words.join(' or ')}`);
      else expect(name).toBe('CLEAVER_CORS_ORIGINS');
    }
  });
});

describe('values that are kept with the chart', () => {
  test.each(kept)('%s are taken', async (file) => {
    const values = parse(await readFile(path.join(CHART, file), 'utf8')) as Values;
    expect(chartValues.safeParse(merged(defaults, values)).error?.issues).toBeUndefined();
  });
});

test('the chart is of the version that the package is', async () => {
  const chart = parse(await readFile(path.join(CHART, 'Chart.yaml'), 'utf8')) as Values;
  expect(chart['appVersion']).toBe(packageJson.version);
});

async function valuesFiles(): Promise<string[]> {
  const folders = ['ci', 'profiles', 'examples'].map(async (folder) =>
    (await readdir(path.join(CHART, folder))).map((file) => path.join(folder, file)),
  );
  const files = (await Promise.all(folders)).flat();
  return files.filter((file) => !/^examples\/(?!values-)/.test(file));
}

function namesIn(within: Schema, wanted: (schema: Schema) => boolean = () => true, above = ''): string[] {
  return Object.entries(within.properties ?? {}).flatMap(([name, value]) => {
    if (name === 'global') return [];
    const full = `${above}${name}`;
    return [...(wanted(value) ? [full] : []), ...namesIn(value, wanted, `${full}.`)];
  });
}

function objectsIn(within: unknown): { type?: unknown; additionalProperties?: unknown }[] {
  if (typeof within !== 'object' || within === null) return [];
  const below = Object.values(within).flatMap(objectsIn);
  return 'type' in within && within.type === 'object' ? [within, ...below] : below;
}

/** As Helm does it: maps are merged, everything else is replaced. */
function merged(below: Values, above: Values): Values {
  return Object.fromEntries(
    [...new Set([...Object.keys(below), ...Object.keys(above)])].map((key) => {
      const [low, high] = [below[key], above[key]];
      return [key, isMap(low) && isMap(high) ? merged(low, high) : (high ?? low)];
    }),
  );
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
