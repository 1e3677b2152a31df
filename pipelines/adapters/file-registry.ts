import { copyFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { CleaverError } from '../core/errors.ts';
import { hashFile, hasCode, onDisk, placeFile, placeText, readTextIfThere } from './files.ts';
import type { ModelVersion, Registry } from './registry.ts';
import { watchAliases } from './watch-aliases.ts';

/**
 * A registry in a folder: `<model>/objects/<sha256>.onnx`, `<model>/versions/v1.json`, `<model>/aliases/champion`.
 * `work` is a folder on the same file system for files in the making.
 */
export function openFileRegistry(root: string, work: string): Registry {
  const at = (...names: string[]) => path.join(root, ...names);
  const registry: Registry = {
    models: async () => {
      const names = await listFolder(root);
      const found = await Promise.all(names.map(async (name) => (await listFolder(at(name, 'versions'))).length > 0));
      return names.filter((_, index) => found[index]);
    },
    async versions(model) {
      const files = (await listFolder(at(model, 'versions'))).filter((file) => /^v\d+\.json$/.test(file));
      const names = files
        .map((file) => path.basename(file, '.json'))
        .sort((a, b) => versionNumber(a) - versionNumber(b));
      return await Promise.all(names.map((name) => registry.version(model, name)));
    },
    async version(model, version) {
      const text = /^v\d+$/.test(version) ? await readTextIfThere(at(model, 'versions', `${version}.json`)) : undefined;
      if (text === undefined) throw unknownVersion(model, version);
      return JSON.parse(text) as ModelVersion;
    },
    async register(file, description) {
      const { model, runId } = description;
      const known = await registry.versions(model);
      const sha256 = await hashFile(file);
      const same = known.find((version) => version.runId === runId && version.sha256 === sha256);
      if (same) return same;
      await placeFile(at(model, 'objects', `${sha256}.onnx`), work, (temporary) => copyFile(file, temporary));
      const version = { ...description, version: `v${versionNumber(known.at(-1)?.version ?? 'v0') + 1}`, sha256 };
      await placeText(
        at(model, 'versions', `${version.version}.json`),
        work,
        `${JSON.stringify(version, undefined, 2)}\n`,
      );
      return version;
    },
    async modelFile({ model, version, sha256 }) {
      const file = at(model, 'objects', `${sha256}.onnx`);
      const found = await hashFile(file).catch((error: unknown) =>
        hasCode(error, 'ENOENT') ? 'nothing' : Promise.reject(error as Error),
      );
      if (found === sha256) return file;
      throw new CleaverError(
        'REGISTRY_CORRUPT',
        `${file} of ${model} ${version} should have the hash ${sha256}, but has ${found}.`,
        {
          hint: 'Restore the file from a backup, or train again and promote the new version.',
        },
      );
    },
    async alias(model, alias) {
      return (await readTextIfThere(at(model, 'aliases', alias)))?.trim();
    },
    async setAlias(model, alias, version) {
      await registry.version(model, version);
      await placeText(at(model, 'aliases', alias), work, `${version}\n`);
    },
    watch: (onChange) => watchAliases(root, registry, onChange),
  };
  return registry;
}

function versionNumber(version: string): number {
  return Number(version.slice(1));
}

async function listFolder(folder: string): Promise<string[]> {
  return await onDisk(folder, async () => {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      // A file that lies beside the models is none of them.
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  });
}

function unknownVersion(model: string, version: string): CleaverError {
  return new CleaverError('REGISTRY_VERSION_UNKNOWN', `The registry has no version ${version} of ${model}.`, {
    hint: 'List the versions with `npx cleaver models`.',
  });
}
