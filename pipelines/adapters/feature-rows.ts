import type { Model } from '../config.ts';
import type { Day } from '../core/days.ts';
import type { FeatureRow } from '../core/features.ts';
import type { Home } from './home.ts';
import { martFiles } from './mart-files.ts';
import type { Stage } from './stage.ts';

/** One day's raw features by entity, as a client of the service sends them; of all entities, or of some. */
export async function readFeatureRows(
  reader: Stage,
  home: Home,
  model: Model,
  day: Day,
  entities?: readonly string[],
): Promise<Map<string, FeatureRow>> {
  const names = Object.keys(model.manifest.features);
  const chosen =
    entities === undefined
      ? ''
      : `WHERE entity IN (${entities.map((entity) => `'${entity.replaceAll("'", "''")}'`).join(', ')})`;
  const rows = await reader.rows<Record<string, number | string | null>>(
    `SELECT * FROM (SELECT "${model.manifest.entity}"::VARCHAR AS entity, ${names.map((name) => `"${name}"`).join(', ')}
        FROM '${martFiles(home, model).features(day)}') ${chosen}`,
  );
  return new Map(rows.map(({ entity, ...row }) => [String(entity), row]));
}
