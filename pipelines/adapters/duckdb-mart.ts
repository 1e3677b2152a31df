import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from '../config.ts';
import { addDays, type Day } from '../core/days.ts';
import { CleaverError } from '../core/errors.ts';
import { encodedFeatureSql } from '../core/features.ts';
import { hashFile, hashValue, onDisk, placeFile } from './files.ts';
import type { Home } from './home.ts';
import { checkFeatures, checkLabels, martSqlError } from './mart-checks.ts';
import { martFiles } from './mart-files.ts';
import type { Mart, MartRows } from './mart.ts';
import { rowMajor } from './row-major.ts';
import type { StageColumn } from './stage-results.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * The mart on DuckDB. `reader` is a database in memory, through which the Parquet files are read; the stage file, which
 * DuckDB locks, is opened when it is first needed.
 */
export function openDuckdbMart(home: Home, model: Model, reader: Stage): Mart {
  const { manifest } = model;
  const files = martFiles(home, model);
  const work = path.join(home.work, model.name);
  const tables = Object.entries(manifest.source.tables).map(([name, table]) => ({ name, ...table }));
  const opened: { stage?: Promise<Stage> } = {};
  const stage = () => (opened.stage ??= openStageFile(files.folder, files.stage, work));

  /** Shows the queries each table as it was known by the end of `through`, and the day that they are asked for. */
  async function look(asOf: Day, through: Day): Promise<Stage> {
    const database = await stage();
    await database.run(`CREATE OR REPLACE TEMP MACRO as_of() AS DATE '${asOf}'`);
    for (const { name, time } of tables) {
      const known = `SELECT * FROM "source_${name}" WHERE "${time}" < DATE '${addDays(through, 1)}'`;
      await database.run(`CREATE OR REPLACE TEMP VIEW "${name}" AS ${known}`);
    }
    return database;
  }

  /** Puts the result of one of the data scientist's queries into `day_features` or `day_labels`. */
  async function runQuery(database: Stage, file: 'mart.sql' | 'label.sql', day: Day): Promise<void> {
    const [table, sql] = file === 'mart.sql' ? ['day_features', model.martSql] : ['day_labels', model.labelSql];
    try {
      await database.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${withoutEnd(sql)}`);
    } catch (error) {
      throw martSqlError(error, model, file, day);
    }
  }

  async function copyOut(database: Stage, sql: string, target: string): Promise<void> {
    await placeFile(target, work, async (file) => {
      await database.run(`COPY (${sql}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
    });
  }

  return {
    async staged() {
      const database = await stage();
      const [row] = await database.rows<{ first: Day; through: Day }>('SELECT first, through FROM staged');
      return row;
    },

    async stage(source, asOf) {
      const database = await stage();
      const counts: Record<string, number> = {};
      await database.transaction(async () => {
        const [known] = await database.rows<{ first: Day; through: Day }>('SELECT first, through FROM staged');
        if (known && known.through >= asOf) return;
        const range = { from: known && addDays(known.through, 1), before: addDays(asOf, 1) };
        for (const table of tables)
          counts[table.name] = await source.read(table, range, database, `source_${table.name}`);
        const first = known?.first ?? (await firstDayOfAll(database, tables, asOf));
        await database.run(`DELETE FROM staged; INSERT INTO staged VALUES ('${first}', '${asOf}')`);
      });
      return counts;
    },

    featureDays: () => files.featureDays(),
    labelDays: () => files.labelDays(),

    async buildFeatures(day) {
      const database = await look(day, day);
      await runQuery(database, 'mart.sql', day);
      const rows = await checkFeatures(database, model, day);
      const columns = [manifest.entity, ...Object.keys(manifest.features)].map((name) => `"${name}"`);
      await copyOut(
        database,
        `SELECT ${columns.join(', ')} FROM day_features ORDER BY "${manifest.entity}"`,
        files.features(day),
      );
      return rows;
    },

    async buildLabels(day) {
      const database = await look(day, addDays(day, manifest.label.maturityDays));
      await runQuery(database, 'label.sql', day);
      const { hasValue } = await checkLabels(database, model, day);
      // An entity that label.sql does not name did not do what is predicted; a NULL label is not known, and kept so.
      const known = `l."${manifest.entity}" IS NOT NULL`;
      const sql = `SELECT f."${manifest.entity}",
          CASE WHEN ${known} THEN l."label" ELSE 0 END::UTINYINT AS "label",
          CASE WHEN ${known} THEN l."${hasValue ? 'value' : 'label'}" ELSE 0 END::DOUBLE AS "value"
        FROM '${files.features(day)}' f LEFT JOIN day_labels l ON f."${manifest.entity}" = l."${manifest.entity}"
        ORDER BY f."${manifest.entity}"`;
      await copyOut(database, sql, files.labels(day));
      const [count] = await database.rows<{ rows: number }>(`SELECT count(*) AS rows FROM '${files.labels(day)}'`);
      return count?.rows ?? 0;
    },

    async hashOf(days) {
      const labelled = new Set(await files.labelDays());
      const parts = days.flatMap((day) => [files.features(day), ...(labelled.has(day) ? [files.labels(day)] : [])]);
      return hashValue([days, ...(await Promise.all(parts.map(hashFile)))]);
    },

    async exportTraining(days, maxRows, target) {
      const { entity, features } = manifest;
      const encoded = Object.entries(features).map(
        ([name, feature]) => `${encodedFeatureSql(name, feature)} AS "${name}"`,
      );
      const labels = parquet(days.map((day) => files.labels(day)));
      const [all] = await reader.rows<{ rows: number }>(
        `SELECT count(*) AS rows FROM ${labels} WHERE label IS NOT NULL`,
      );
      // A hash over 2^64 spreads evenly; the quotient keeps about maxRows rows, the same ones each time.
      const keep = Math.min(1, maxRows / Math.max(1, all?.rows ?? 0));
      await reader.run(`CREATE OR REPLACE TEMP TABLE labelled AS
        SELECT f."${entity}"::VARCHAR AS entity, f.as_of, label, ${encoded.join(', ')}
        FROM ${parquet(days.map((day) => files.features(day)))} f
        JOIN (FROM ${labels} WHERE label IS NOT NULL AND hash("${entity}"::VARCHAR, as_of) / 18446744073709551616.0 < ${keep}) l
          ON f."${entity}" = l."${entity}" AND f.as_of = l.as_of`);
      const columns = [...Object.keys(features).map((name) => `"${name}"`), 'label'].join(', ');
      for (const [kind, file] of Object.entries(target)) {
        const isValid = `hash('valid', entity) % 5 ${kind === 'valid' ? '=' : '<>'} 0`;
        await reader.run(
          `COPY (SELECT ${columns} FROM labelled WHERE ${isValid} ORDER BY as_of, entity) TO '${file}' (FORMAT parquet)`,
        );
      }
      const [counts] = await reader.rows<{ valid: number; train: number; positives: number }>(`
        SELECT count(*) FILTER (hash('valid', entity) % 5 = 0) AS valid,
               count(*) FILTER (hash('valid', entity) % 5 <> 0) AS train,
               count(*) FILTER (label = 1) AS positives FROM labelled`);
      return counts ?? { train: 0, valid: 0, positives: 0 };
    },

    async read(days, features, labelled) {
      if (days.length === 0) return { rows: 0, entities: [], features: new Float32Array(), labels: new Uint8Array() };
      const { entity } = manifest;
      const encoded = Object.entries(features).map(
        ([name, feature]) => `${encodedFeatureSql(name, feature)} AS "${name}"`,
      );
      const labels = labelled
        ? `JOIN ${parquet(days.map(files.labels))} l ON f."${entity}" = l."${entity}" AND f.as_of = l.as_of WHERE label IS NOT NULL`
        : '';
      const columns =
        await reader.columns(`SELECT f."${entity}"::VARCHAR AS entity, ${labelled ? 'label, ' : ''}${encoded.join(', ')}
        FROM ${parquet(days.map(files.features))} f ${labels} ORDER BY f.as_of, f."${entity}"`);
      return martRows(columns, labelled);
    },

    async close() {
      await (await opened.stage)?.close();
    },
  };
}

async function openStageFile(folder: string, file: string, scratch: string): Promise<Stage> {
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  // One thread adds numbers up in one order: the same rows give the same bytes.
  const stage = await openStage(file, { scratch, threads: 1 });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => stage.close());
  await stage.run('CREATE TABLE IF NOT EXISTS staged (first VARCHAR, through VARCHAR)');
  opened.move();
  return stage;
}

/** The first day on which every table that may not be empty has rows. */
async function firstDayOfAll(
  stage: Stage,
  tables: readonly { name: string; time: string; mayBeEmpty: boolean }[],
  asOf: Day,
): Promise<Day> {
  const required = tables.filter((table) => !table.mayBeEmpty);
  const counted = required.length > 0 ? required : tables;
  const firsts = await Promise.all(
    counted.map(({ name, time }) =>
      stage.rows<{ first: Day | null }>(`SELECT min("${time}")::DATE::VARCHAR AS first FROM "source_${name}"`),
    ),
  );
  const days = firsts.flatMap(([row]) => row?.first ?? []).sort();
  const first = days.at(-1);
  if (first !== undefined && (required.length === 0 || days.length === required.length)) return first;
  throw nothingKnown(
    counted.map(({ name }) => name),
    asOf,
  );
}

function nothingKnown(tables: readonly string[], asOf: Day): CleaverError {
  const message = `By the end of ${asOf} the source has no row of at least one of: ${tables.join(', ')}.`;
  return new CleaverError('SOURCE_TABLE_EMPTY', message, {
    hint: 'Ask for a later day with --as-of, or say mayBeEmpty: true for the table in model.ts.',
  });
}

function martRows(columns: readonly StageColumn[], labelled: boolean): MartRows {
  const [entities, ...others] = columns;
  const labels = labelled ? others.shift() : undefined;
  return {
    rows: entities?.values.length ?? 0,
    entities: Array.from(entities?.values ?? [], String),
    features: rowMajor(others),
    labels: Uint8Array.from(labels?.values ?? [], Number),
  };
}

function parquet(files: readonly string[]): string {
  return `read_parquet([${files.map((file) => `'${file}'`).join(', ')}], hive_partitioning = true)`;
}

function withoutEnd(sql: string): string {
  return sql.trim().replace(/;$/, '');
}
