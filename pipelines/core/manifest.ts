import { z } from 'zod';

const identifier = z.string().regex(/^[a-z_][a-z0-9_]*$/i, 'must be a plain SQL name: letters, digits, underscores');

/** Bounds of a number, and what becomes of a value outside them: in the mart as in a request. */
const range = z
  .strictObject({
    min: z.number().optional(),
    max: z.number().optional(),
    /** `refuse`: an error. `clip`: the nearest bound stands for it. `missing`: it counts as not known. */
    outside: z.enum(['refuse', 'clip', 'missing']).default('refuse'),
  })
  .refine(({ min = -Infinity, max = Infinity }) => min < max, 'min must be below max')
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'names neither min nor max');

const feature = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('number'), description: z.string().optional(), range: range.optional() }),
  z.strictObject({
    type: z.literal('category'),
    values: z
      .array(z.string().min(1))
      .min(1)
      .refine((values) => new Set(values).size === values.length, 'has a value twice'),
    description: z.string().optional(),
  }),
]);

const sourceTable = z.strictObject({
  /** Column that says when a row became known: a date or a timestamp (ISO text in SQLite and CSV). */
  time: identifier,
  /** A query in the source's own dialect that stands for the table; by default the table of that name. */
  sql: z.string().optional(),
  /** No row is not an error. */
  mayBeEmpty: z.boolean().default(false),
});

/**
 * What `models/<name>/model.ts` says of a model. Days are whole UTC days; shares lie in [0, 1].
 * The words are explained in `docs/glossary.md`.
 */
export const modelManifest = z.strictObject({
  /** One line for people: what is predicted. */
  title: z.string().min(1),
  source: z.strictObject({
    /**
     * `sqlite:<file>`, `postgres://…`, or `files:<folder>`. Relative paths start at the model's folder; `{home}` stands
     * for the state folder.
     */
    url: z.string().min(1),
    tables: z.record(identifier, sourceTable).refine((tables) => Object.keys(tables).length > 0, 'names no table'),
  }),
  /** The column that names whom a row is about. */
  entity: identifier,
  features: z.record(identifier, feature).refine((features) => Object.keys(features).length > 0, 'names no feature'),
  label: z.strictObject({
    /** How many days after the as-of day its label is known. */
    maturityDays: z.int().min(1),
    /** What the optional `value` column of label.sql counts, for the report: `EUR`, `orders`. */
    valueUnit: z.string().default('orders'),
  }),
  mart: z
    .strictObject({
      /** As-of days lie this far apart; the newest complete day is always one of them. */
      everyDays: z.int().min(1).default(1),
      /** The source's first days, on which features have no past to look at; no as-of day lies there. */
      warmupDays: z.int().min(0).default(28),
    })
    .prefault({}),
  window: z
    .strictObject({
      /** Length of the training window. */
      days: z.int().min(1).default(28),
      /** The newest mature days, kept for the gate. */
      holdoutDays: z.int().min(1).default(3),
      /** Larger windows are thinned to this many rows by a hash of entity and day. */
      maxRows: z.int().min(100).default(200_000),
    })
    .prefault({}),
  trainer: z
    .strictObject({
      /** Program and arguments, run in the work folder; `{model}` is the model's folder. Default: LightGBM. */
      command: z.array(z.string()).min(1).optional(),
      /** Handed to the training command as they are. */
      parameters: z.record(z.string(), z.json()).default({}),
      timeLimitSeconds: z.number().positive().default(600),
    })
    .prefault({}),
  gate: z
    .strictObject({
      /** Fewer positive (or negative) holdout rows than this: `insufficient-data`. */
      minClassRows: z.int().min(1).default(100),
      /** Level of the interval of the difference, e.g. 0.95. */
      confidence: z.number().gt(0.5).lt(1).default(0.95),
      /** How much AUC the challenger must gain at least: the interval's lower end lies above it. */
      minGain: z.number().min(0).default(0),
    })
    .prefault({}),
  retrain: z
    .strictObject({
      /** A batch of news is this many complete days. */
      everyDays: z.int().min(1).default(7),
    })
    .prefault({}),
  experiment: z
    .strictObject({
      /** Share of the entities that are not treated, to compare with. */
      holdoutShare: z.number().min(0).max(1).default(0.1),
      /** A new name draws new arms. */
      name: z.string().min(1).default('model'),
    })
    .prefault({}),
  deliver: z
    .strictObject({
      /** Where the `predictions` table lives: `sqlite:<file>` or `postgres://…`. */
      url: z.string().min(1).default('sqlite:{home}/deliveries/predictions.db'),
    })
    .prefault({}),
});

/** A manifest with every default filled in. */
export type ModelManifest = z.output<typeof modelManifest>;
/** A manifest as it is written. */
export type ModelManifestInput = z.input<typeof modelManifest>;
export type Feature = ModelManifest['features'][string];

/** Says that an object is a manifest, so that the editor knows its fields. */
export function defineModel(manifest: ModelManifestInput): ModelManifestInput {
  return manifest;
}
