import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from '../config.ts';
import type { Day } from '../core/days.ts';
import { summarizeArm, type Arm, type ArmSummary } from '../core/experiment.ts';
import { deliveryFiles } from './deliveries.ts';
import { hashValue, onDisk } from './files.ts';
import type { Home } from './home.ts';
import { daysIn, martFiles } from './mart-files.ts';
import type { Stage } from './stage.ts';

/** One day's predictions with a label, row by row. */
export interface DayPredictions {
  /** The version that scored. */
  version: string;
  entities: string[];
  /** 0 or 1. */
  labels: Uint8Array;
  scores: Float64Array;
}

/** Delivered predictions beside what came true. */
export interface Outcomes {
  /** Days with both a delivery and mature labels, in order. */
  days(): Promise<Day[]>;
  /** Changes when a day's predictions or labels are other files. */
  contentOf(day: Day): Promise<string>;
  read(day: Day): Promise<DayPredictions>;
  /** Value per entity summed over `days`, by arm. */
  arms(days: readonly Day[]): Promise<{ treated?: ArmSummary | undefined; holdout?: ArmSummary | undefined }>;
}

/** Opens a model's deliveries and labels for reading. */
export function openOutcomes(home: Home, model: Model, reader: Stage): Outcomes {
  const files = martFiles(home, model);
  const delivery = (day: Day) => deliveryFiles(home, model.name, day).parquet;
  const entity = `"${model.manifest.entity}"::VARCHAR`;
  const joined = (day: Day) =>
    `'${delivery(day)}' p JOIN (SELECT ${entity} AS entity_id, label, value FROM '${files.labels(day)}') l USING (entity_id)`;
  return {
    async days() {
      const labelled = new Set(await files.labelDays());
      return (await daysIn(path.join(home.deliveries, model.name), 'predictions.parquet')).filter((day) =>
        labelled.has(day),
      );
    },
    async contentOf(day) {
      const stats = await Promise.all([delivery(day), files.labels(day)].map((file) => onDisk(file, () => stat(file))));
      return hashValue([files.current, ...stats.map(({ ino, mtimeMs, size }) => [ino, mtimeMs, size])]);
    },
    async read(day) {
      const [entities, labels, scores] = await reader.columns(
        `SELECT entity_id, label, score FROM ${joined(day)} WHERE label IS NOT NULL ORDER BY entity_id`,
      );
      const [first] = await reader.rows<{ version: string }>(`SELECT version FROM '${delivery(day)}' LIMIT 1`);
      return {
        version: first?.version ?? '',
        entities: Array.from(entities?.values ?? [], String),
        labels: Uint8Array.from(labels?.values ?? [], Number),
        scores: Float64Array.from(scores?.values ?? [], Number),
      };
    },
    async arms(days) {
      if (days.length === 0) return {};
      const rows = days.map((day) => `SELECT '${day}' AS as_of, entity_id, arm, value FROM ${joined(day)}`);
      const [arms, values] = await reader.columns(
        `SELECT arm, sum(value ORDER BY as_of) AS value FROM (${rows.join(' UNION ALL ')}) GROUP BY entity_id, arm ORDER BY entity_id`,
      );
      const of = (arm: Arm) => Array.from(values?.values ?? [], Number).filter((_, row) => arms?.values[row] === arm);
      return { treated: summarizeArm(of('treated')), holdout: summarizeArm(of('holdout')) };
    },
  };
}
