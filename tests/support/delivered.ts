import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deliveryFiles } from '../../pipelines/adapters/deliveries.ts';
import type { Home } from '../../pipelines/adapters/home.ts';
import { openStage } from '../../pipelines/adapters/stage.ts';
import type { Day } from '../../pipelines/core/days.ts';

/** One prediction, in whatever form it was delivered. */
export interface DeliveredRow {
  entity_id: string;
  as_of: string;
  score: number;
  arm: string;
  version: string;
  run_id: string;
}

const COLUMNS = 'entity_id, as_of, score, arm, version, run_id';

/** A day's predictions as the Parquet or the CSV file has them, by entity. */
export async function rowsOfFile(
  home: Home,
  model: string,
  day: Day,
  form: 'parquet' | 'csv',
): Promise<DeliveredRow[]> {
  const reader = await openStage(':memory:', { scratch: path.join(home.root, 'reader') });
  try {
    const file = deliveryFiles(home, model, day)[form];
    const columns = COLUMNS.replace('as_of', 'as_of::VARCHAR AS as_of');
    return await reader.rows<DeliveredRow & Record<string, string | number>>(
      `SELECT ${columns} FROM '${file}' ORDER BY entity_id`,
    );
  } finally {
    await reader.close();
  }
}

/** The table's predictions of a model, by entity; none while there is no table. */
export function rowsOfTable(home: Home, model: string): DeliveredRow[] {
  const file = path.join(home.deliveries, 'predictions.db');
  if (!existsSync(file)) return [];
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare(`SELECT ${COLUMNS} FROM predictions WHERE model = ? ORDER BY entity_id`).all(model);
  return rows.map((row) => ({ ...row }) as unknown as DeliveredRow);
}

/** Runs SQL on the database of predictions, as a person might. */
export function alterTable(home: Home, sql: string): void {
  using database = new DatabaseSync(path.join(home.deliveries, 'predictions.db'));
  database.exec(sql);
}
