import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Alias, Registry } from '../../pipelines/adapters/registry.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';

/** A version that goes into the image. */
export interface ShippedModel {
  model: string;
  version: string;
  sha256: string;
  aliases: Alias[];
}

/**
 * Copies the versions behind the aliases into a folder, laid out as the registry is and with nothing else of it, always
 * with the same modes. A model without a champion stays out. Errors: CHAMPION_MISSING where none has one, REGISTRY_CORRUPT.
 */
export async function stageModels(
  registry: Registry,
  names: readonly string[],
  aliases: readonly Alias[],
  folder: string,
): Promise<ShippedModel[]> {
  const shipped: ShippedModel[] = [];
  for (const model of names) {
    const named = await versionsOf(registry, model, aliases);
    if (!named.some(({ alias }) => alias === 'champion')) continue;
    for (const version of new Set(named.map((one) => one.version))) {
      const sha256 = await placeVersion(registry, { model, version }, path.join(folder, model));
      const its = named.filter((one) => one.version === version).map(({ alias }) => alias);
      shipped.push({ model, version, sha256, aliases: its });
      for (const alias of its) await place(path.join(folder, model, 'aliases', alias), `${version}\n`);
    }
  }
  await setModes(folder);
  if (shipped.length === 0) {
    throw new CleaverError('CHAMPION_MISSING', `No model has a champion yet (models: ${names.join(', ') || 'none'}).`, {
      hint: 'Run the workflow retrain, which promotes a first one; or build an image without models: `models: none`.',
    });
  }
  return shipped;
}

/** `shop=v3,churn=v2`: the champions; a challenger stands as `shop=v3+v4`. */
export function modelsText(shipped: readonly ShippedModel[]): string {
  const byModel = Map.groupBy(shipped, ({ model }) => model);
  return [...byModel].map(([model, versions]) => `${model}=${versions.map((one) => one.version).join('+')}`).join(',');
}

async function versionsOf(
  registry: Registry,
  model: string,
  aliases: readonly Alias[],
): Promise<{ alias: Alias; version: string }[]> {
  const found: { alias: Alias; version: string }[] = [];
  for (const alias of aliases) {
    const version = await registry.alias(model, alias);
    if (version !== undefined) found.push({ alias, version });
  }
  return found;
}

async function placeVersion(
  registry: Registry,
  { model, version }: { model: string; version: string },
  folder: string,
): Promise<string> {
  const description = await registry.version(model, version);
  const file = await registry.modelFile(description);
  await mkdir(path.join(folder, 'objects'), { recursive: true });
  await copyFile(file, path.join(folder, 'objects', path.basename(file)));
  await place(path.join(folder, 'versions', `${version}.json`), `${JSON.stringify(description, undefined, 2)}\n`);
  return description.sha256;
}

async function place(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** They are part of a layer's hash, and those of the state depend on who made it. */
async function setModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
