import type { Model } from '../config.ts';
import type { Day } from '../core/days.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
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
 * Errors: MART_COLUMNS_WRONG, MART_DUPLICATE_ENTITY, FEATURE_NOT_FINITE.
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
  const [counts = {}] = await stage.rows<Record<string, number>>(`SELECT ${wrong.join(', ')} FROM day_features`);
  const bad = Object.entries(counts).filter(([, count]) => count > 0);
  if (bad.length === 0) return rows;
  const list = bad.map(([name, count]) => `${name} (${count} of ${rows} rows)`).join(', ');
  throw new CleaverError(
    'FEATURE_NOT_FINITE',
    `models/${model.name}/mart.sql gives values that are no finite numbers for ${day}: ${list}.`,
    {
      hint: 'Divide by nullif(…, 0) and give NULL where a value is missing; numbers must fit a 32-bit float.',
    },
  );
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
