import path from 'node:path';
import { loadModel, type Model, modelNames } from '../config.ts';
import type { Database } from './database.ts';
import { openFileRegistry } from './file-registry.ts';
import { type Home, urlIn } from './home.ts';
import { openDatabase } from './open-database.ts';
import type { RecordLine } from './prediction-lines.ts';
import { openRecordTables, type RecordTables } from './prediction-tables.ts';

/** Where the lines of the record go: the databases of the models, each opened when the first line comes for it. */
export interface Destinations {
  /**
   * The database of the line's model; for an outcome, which names no model, those of all models. None where it cannot be
   * loaded now: the model has no folder, or its manifest or its database fails, which is the `problem` then.
   */
  tablesOf(line: RecordLine): Promise<readonly RecordTables[]>;
  /** The first failure. Errors: MANIFEST_*, DATABASE_*, DISK_FULL. */
  readonly problem: Error | undefined;
  close(): Promise<void>;
}

/** Destinations for the models that have a folder in `models`; nothing is opened yet. */
export async function openDestinations(home: Home, models: string): Promise<Destinations> {
  const names = await modelNames(models);
  const registry = openFileRegistry(home.registry, home.work);
  const databases: Database[] = [];
  let problem: Error | undefined;
  const versionsOf = once((model) => registry.versions(model));
  const tablesAt = once(async (url) => {
    const database = await openDatabase(url, { relativeTo: models });
    databases.push(database);
    return await openRecordTables(
      database,
      async (model, version) => (await versionsOf(model)).find((known) => known.version === version)?.features,
    );
  });
  const tablesOfModel = once(async (name) => {
    try {
      return names.includes(name) ? [await tablesAt(urlOf(home, await loadModel(name, models)))] : [];
    } catch (error) {
      problem ??= error as Error;
      return [];
    }
  });
  const tablesOfAll = once(async () => {
    const all = await Promise.all(names.map(tablesOfModel));
    return all.every((tables) => tables.length > 0) ? [...new Set(all.flat())] : [];
  });
  return {
    tablesOf: (line) => (line.kind === 'outcome' ? tablesOfAll('') : tablesOfModel(line.model)),
    get problem() {
      return problem;
    },
    async close() {
      for (const database of databases) await database.close();
    },
  };
}

/** The URL of a model's database, alike for models that share it: a relative path starts at the model's folder. */
function urlOf(home: Home, { folder, manifest }: Model): string {
  const url = urlIn(home, manifest.deliver.url);
  const file = /^sqlite:(.+)$/i.exec(url)?.[1];
  return file === undefined ? url : `sqlite:${path.resolve(folder, file)}`;
}

function once<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return async (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return await value;
  };
}
