import { parseManifest, type Model } from '../../pipelines/config.ts';
import type { ModelManifestInput } from '../../pipelines/core/manifest.ts';

/** A small model over one table `orders(customer, ordered_at, amount)`: who orders again within 3 days. */
export function smallModel(
  change: Partial<Model> & { manifest?: never } = {},
  manifest: Partial<ModelManifestInput> = {},
): Model {
  return {
    name: 'small',
    folder: import.meta.dirname,
    manifest: parseManifest(
      {
        title: 'Who orders within 3 days',
        source: { url: 'files:none', tables: { orders: { time: 'ordered_at' } } },
        entity: 'customer',
        features: {
          orders: { type: 'number' },
          days_since_order: { type: 'number' },
          newest: { type: 'category', values: ['a', 'b'] },
        },
        label: { maturityDays: 3 },
        mart: { warmupDays: 2 },
        window: { days: 20, holdoutDays: 2 },
        ...manifest,
      },
      'model.ts',
    ),
    martSql: `SELECT customer, count(*) AS orders, date_diff('day', max(ordered_at)::DATE, as_of()) AS days_since_order, max_by(kind, ordered_at) AS newest
      FROM orders GROUP BY customer`,
    labelSql: `SELECT customer, 1 AS label, sum(amount) AS value FROM orders WHERE ordered_at >= as_of() + INTERVAL 1 DAY GROUP BY customer`,
    ...change,
  };
}
