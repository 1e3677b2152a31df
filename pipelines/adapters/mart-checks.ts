import type { Model } from '../config.ts';
import type { Day } from '../core/days.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
import { outsideSql } from '../core/features.ts';
import type { Stage } from './stage.ts';

/** A query of the data scientist's that did not run, in words for them. */
export function martSqlError(error: unknown, model: Model, file: string, day: Day): unknown {
  if (error instanceof CleaverError) return error;
  return new CleaverError(
    'MART_SQL_FAILED',
    `models/${model.name}/${file} did not run for the day ${day}: ${messageOf(error)}`,
    {
      hint: `It is one SELECT over ${Object.keys(model.manifest.source.tables).join(', ')}, with as_of() for the day; see docs/add-a-model.md.`,
      cause: error,
    },
  );
}

/**
 * Holds the table `day_features` against the manifest; answers its rows.
 * Errors: MART_COLUMNS_WRONG, MART_DUPLICATE_ENTITY, FEATURE_NOT_FINITE, FEATURE_OUT_OF_RANGE.
 */
export async function checkFeatures(stage: Stage, model: Model, day: Day): Promise<number> {
  const { entity, features } = model.manifest;
  await checkColumns(stage, model, 'mart.sql', 'day_features', [entity, ...Object.keys(features)]);
  const rows = await checkEntities(stage, model, 'mart.sql', 'day_features', day);
  const numbers = Object.keys(features).filter((name) => features[name]?.type === 'number');
  if (numbers.length === 0) return rows;
  // A FLOAT is what the model sees: a DOUBLE beyond its range is infinite there.
  const wrong = numbers.map(
    (name) =>
      `count(*) FILTER (NOT isfinite(TRY_CAST("${name}" AS FLOAT)) OR ("${name}" IS NOT NULL AND TRY_CAST("${name}" AS FLOAT) IS NULL)) AS "${name}"`,
  );
  const list = await countBad(stage, wrong, rows);
  if (list === '') return await checkRanges(stage, model, day, rows);
  throw new CleaverError(
    'FEATURE_NOT_FINITE',
    `models/${model.name}/mart.sql gives values that are no finite numbers for ${day}: ${list}.`,
    {
      hint: 'Divide by nullif(…, 0) and give NULL where a value is missing; numbers must fit a 32-bit float.',
    },
  );
}

async function checkRanges(stage: Stage, model: Model, day: Day, rows: number): Promise<number> {
  const outside = Object.entries(model.manifest.features).flatMap(([name, feature]) =>
    feature.type === 'number' && feature.range?.outside === 'refuse'
      ? [`count(*) FILTER (${outsideSql(name, feature)}) AS "${name}"`]
      : [],
  );
  const list = outside.length === 0 ? '' : await countBad(stage, outside, rows);
  if (list === '') return rows;
  throw new CleaverError(
    'FEATURE_OUT_OF_RANGE',
    `models/${model.name}/mart.sql gives values outside of their range for ${day}: ${list}.`,
    { hint: "Mend mart.sql, or have them clipped or taken as missing: the range's `outside` in model.ts." },
  );
}

/** The columns of some counts over `day_features` that are not zero, for people; empty where all are. */
async function countBad(stage: Stage, counts: readonly string[], rows: number): Promise<string> {
  const [found = {}] = await stage.rows<Record<string, number>>(`SELECT ${counts.join(', ')} FROM day_features`);
  return Object.entries(found)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} (${count} of ${rows} rows)`)
    .join(', ');
}

/** Holds the table `day_labels` against the manifest. Errors: MART_COLUMNS_WRONG, MART_DUPLICATE_ENTITY, LABEL_INVALID. */
export async function checkLabels(stage: Stage, model: Model, day: Day): Promise<{ hasValue: boolean }> {
  const names = await checkColumns(stage, model, 'label.sql', 'day_labels', [model.manifest.entity, 'label']);
  await checkEntities(stage, model, 'label.sql', 'day_labels', day);
  const [wrong] = await stage.rows<{ label: string }>(
    'SELECT label::VARCHAR AS label FROM day_labels WHERE label IS NOT NULL AND TRY_CAST(label AS DOUBLE) NOT IN (0, 1) OR (label IS NOT NULL AND TRY_CAST(label AS DOUBLE) IS NULL) LIMIT 1',
  );
  if (wrong === undefined) return { hasValue: names.includes('value') };
  throw new CleaverError('LABEL_INVALID', `models/${model.name}/label.sql gives the label ${wrong.label} for ${day}.`, {
    hint: 'A label is 1 (it came true), 0 (it did not) or NULL (not known).',
  });
}

async function checkColumns(
  stage: Stage,
  model: Model,
  file: string,
  table: string,
  wanted: readonly string[],
): Promise<string[]> {
  const columns = await stage.rows<{ name: string }>(`SELECT column_name AS name FROM (DESCRIBE ${table})`);
  const names = columns.map((column) => column.name);
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length === 0) return names;
  throw new CleaverError(
    'MART_COLUMNS_WRONG',
    `models/${model.name}/${file} does not return ${missing.join(', ')}; it returns ${names.join(', ')}.`,
    {
      hint: `Name the columns as the manifest does (…AS ${missing[0] ?? 'name'}).`,
    },
  );
}

async function checkEntities(stage: Stage, model: Model, file: string, table: string, day: Day): Promise<number> {
  const { entity } = model.manifest;
  const [counts] = await stage.rows<{ rows: number; entities: number }>(
    `SELECT count(*) AS rows, count(DISTINCT "${entity}") AS entities FROM ${table}`,
  );
  const { rows = 0, entities = 0 } = counts ?? {};
  if (rows === entities) return rows;
  throw new CleaverError(
    'MART_DUPLICATE_ENTITY',
    `models/${model.name}/${file} returns ${rows} rows for ${day}, but only ${entities} different values of ${entity}.`,
    {
      hint: `Return one row for each ${entity}, never NULL: GROUP BY it, or mend a join that multiplies rows.`,
    },
  );
}
