import { defineModel } from '../../pipelines/core/manifest.ts';

/** Who orders within seven days, so that the shop sends its offers to them; see README.md, the model card. */
export default defineModel({
  title: 'Which customers order within 7 days (sample shop)',
  source: {
    url: 'sqlite:{home}/shop/shop.db',
    tables: {
      customers: { time: 'joined_on' },
      visits: { time: 'visited_at' },
      orders: { time: 'ordered_at' },
      offers: { time: 'offered_at', mayBeEmpty: true },
    },
  },
  entity: 'customer_id',
  features: {
    category: {
      type: 'category',
      values: ['garden', 'sport', 'kitchen', 'books', 'toys', 'fashion', 'pets', 'lamps'],
      description: 'What the customer likes best',
    },
    age_group: { type: 'category', values: ['18-29', '30-44', '45-59', '60+'] },
    region: { type: 'category', values: ['north', 'east', 'south', 'west', 'coast'] },
    weekday: { type: 'number', description: 'Of the as-of day; 0 is Monday' },
    visits_7d: { type: 'number', description: 'Visits in the last 7 days, the as-of day included' },
    visits_28d: { type: 'number' },
    visit_days_3d: { type: 'number', description: 'Days with a visit among the last 3' },
    visit_days_7d: { type: 'number' },
    visit_days_14d: { type: 'number' },
    days_since_visit: { type: 'number', description: 'Full days; missing without a visit in 28 days' },
    orders_28d: { type: 'number' },
    orders_84d: { type: 'number' },
    amount_84d: { type: 'number', description: 'EUR' },
    days_since_order: { type: 'number', description: 'Full days; missing without an order in 84 days' },
    days_since_offer: {
      type: 'number',
      description: 'Full days; missing without an offer in 3 days, as long as one works',
    },
  },
  label: { maturityDays: 7, valueUnit: 'EUR' },
  // orders_84d looks that far back; the first weeks would not know it whole.
  mart: { warmupDays: 72 },
  window: { days: 21, holdoutDays: 3, maxRows: 80_000 },
  trainer: {
    parameters: { num_leaves: 10, learning_rate: 0.08, num_iterations: 100, min_data_in_leaf: 200, lambda_l2: 5 },
  },
  experiment: { holdoutShare: 0.2, name: 'offers' },
});
