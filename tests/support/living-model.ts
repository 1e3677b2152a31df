import { hash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { homeAt, type Home } from '../../pipelines/adapters/home.ts';
import { parseManifest, type Model } from '../../pipelines/config.ts';
import { addDays, type Day } from '../../pipelines/core/days.ts';
import type { ModelManifestInput } from '../../pipelines/core/manifest.ts';
import { withContext, type StepContext } from '../../pipelines/steps/context.ts';
import { loop, type LoopResult } from '../../pipelines/steps/loop.ts';
import { COMPILE_CACHE } from './compile-cache.ts';
import { KNOWN_MODELS, type KnownModel } from './known-models.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The first day with visits. */
export const START: Day = '2025-01-01';
/** Long after all that lives here. */
export const NOW = new Date('2025-06-01T12:00:00Z');
// The trainers that steps start inherit it.
Object.assign(process.env, COMPILE_CACHE);
/** The training command, see choose-model.ts. */
export const TRAINER = [process.execPath, fileURLToPath(import.meta.resolve('./choose-model.ts'))];

const MART_SQL = 'SELECT customer, max_by(x0, seen_at) AS x0, max_by(x1, seen_at) AS x1 FROM visits GROUP BY customer';
const LABEL_SQL = `SELECT customer, max(bought) AS label, 10 * sum(bought) AS value FROM visits
  WHERE seen_at >= as_of() + INTERVAL 1 DAY GROUP BY customer`;

export interface ModelChange {
  manifest?: Partial<ModelManifestInput>;
  martSql?: string;
  labelSql?: string;
}

/** A model whose customers really live: who buys within 2 days follows one of the known models, its loop is quick. */
export interface LivingModel {
  root: string;
  home: Home;
  /** Adds days to the source, a table `visits(customer, seen_at, x0, x1, bought)`; customers buy as `taste` says. */
  live(days: number, taste: KnownModel): void;
  /** Runs SQL on the source. */
  alter(sql: string): void;
  modelWith(change?: ModelChange): Model;
  /** Writes `models/living` for `loadModel` and the command line; answers the folder of models. */
  writeFolder(change?: ModelChange): Promise<string>;
  /** Runs a step as a command does, with live adapters. */
  run<T>(work: (context: StepContext) => Promise<T>, change?: ModelChange): Promise<T>;
  /** One turn of the loop. */
  turn(change?: ModelChange, asOf?: Day): Promise<LoopResult>;
}

interface LivingOptions {
  /** So many days have been lived, by the taste of the first known model. */
  days?: number;
  customers?: number;
}

/** A living model, by default in a folder for one test. */
export async function livingModel({
  days = 12,
  customers = 120,
  root,
}: LivingOptions & { root?: string } = {}): Promise<LivingModel> {
  const living = livingIn(root ?? (await temporaryFolder()), customers);
  living.alter('CREATE TABLE visits (customer TEXT, seen_at TEXT, x0 REAL, x1 REAL, bought INTEGER)');
  living.live(days, 'first');
  return living;
}

/**
 * One state for many tests of a file: `prepare` runs once before them, and each call gives a copy. To be called at the
 * top of the file.
 */
export function preparedModel(
  prepare: (living: LivingModel) => Promise<unknown>,
  { customers = 120, ...options }: LivingOptions = {},
): () => Promise<LivingModel> {
  let original = '';
  beforeAll(async () => {
    original = await mkdtemp(path.join(tmpdir(), 'cleaver-test-'));
    await prepare(await livingModel({ ...options, customers, root: original }));
  });
  afterAll(() => rm(original, { recursive: true, force: true }));
  return async () => {
    const copy = await temporaryFolder();
    cpSync(original, copy, { recursive: true });
    return livingIn(copy, customers);
  };
}

function livingIn(root: string, customers: number): LivingModel {
  const home = homeAt(path.join(root, 'state'));
  const source = path.join(root, 'source.db');
  const living: LivingModel = {
    root,
    home,
    live(days, taste) {
      using database = new DatabaseSync(source);
      const { lived } = database.prepare('SELECT count(DISTINCT date(seen_at)) AS lived FROM visits').get() ?? {};
      for (let day = Number(lived); day < Number(lived) + days; day += 1) writeDay(database, day, customers, taste);
    },
    alter(sql) {
      using database = new DatabaseSync(source);
      database.exec(sql);
    },
    modelWith: (change = {}) => ({
      name: 'living',
      folder: path.join(root, 'models', 'living'),
      manifest: parseManifest(manifestOf(change), 'model.ts'),
      martSql: change.martSql ?? MART_SQL,
      labelSql: change.labelSql ?? LABEL_SQL,
    }),
    async writeFolder(change = {}) {
      const at = path.join(root, 'models', 'living');
      await mkdir(at, { recursive: true });
      await writeFile(path.join(at, 'model.ts'), `export default ${JSON.stringify(manifestOf(change))};\n`);
      await writeFile(path.join(at, 'mart.sql'), change.martSql ?? MART_SQL);
      await writeFile(path.join(at, 'label.sql'), change.labelSql ?? LABEL_SQL);
      return path.dirname(at);
    },
    run: (work, change) =>
      withContext({ home, model: living.modelWith(change), verb: 'test', onProgress: () => undefined }, work),
    turn: (change, asOf) => living.run((context) => loop(context, { asOf, now: NOW }), change),
  };
  return living;
}

function manifestOf({ manifest }: ModelChange): ModelManifestInput {
  return {
    title: 'Who buys within 2 days',
    source: { url: 'sqlite:../../source.db', tables: { visits: { time: 'seen_at' } } },
    entity: 'customer',
    features: { x0: { type: 'number' }, x1: { type: 'number' } },
    label: { maturityDays: 2, valueUnit: 'EUR' },
    mart: { warmupDays: 1 },
    window: { days: 4, holdoutDays: 2 },
    trainer: { command: TRAINER },
    gate: { minClassRows: 10 },
    retrain: { everyDays: 4 },
    experiment: { holdoutShare: 0.3 },
    ...manifest,
  };
}

/** Every customer comes once a day; the two days of a label give the chance that the known model says. */
function writeDay(database: DatabaseSync, day: number, customers: number, taste: KnownModel): void {
  const insert = database.prepare('INSERT INTO visits VALUES (?, ?, ?, ?, ?)');
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  for (let customer = 0; customer < customers; customer += 1) {
    const [x0, x1] = [4 * drawn(`x0 of ${customer}`) - 2, 4 * drawn(`x1 of ${customer}`) - 2];
    const chance = 1 - Math.sqrt(1 - KNOWN_MODELS[taste](x0, x1));
    const minutes = String(customer % 60).padStart(2, '0');
    const bought = drawn(`${customer} on ${day}`) < chance ? 1 : 0;
    insert.run(`c${customer}`, `${addDays(START, day)} 10:${minutes}:00`, x0, x1, bought);
  }
  database.exec('COMMIT');
}

/** A number in [0, 1), always the same for a text. */
function drawn(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16) / 2 ** 48;
}
