import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { CleaverError, messageOf } from './core/errors.ts';
import { modelManifest, type ModelManifest } from './core/manifest.ts';

/** A model folder, read: its manifest with defaults, and its two queries. */
export interface Model {
  name: string;
  folder: string;
  manifest: ModelManifest;
  martSql: string;
  labelSql: string;
}

/** Where the model folders are: CLEAVER_MODELS, else `models/` of this repository. */
export function modelsFolder(): string {
  return path.resolve(process.env['CLEAVER_MODELS'] ?? path.join(import.meta.dirname, '..', 'models'));
}

/** The names of the model folders, in order. */
export async function modelNames(folder = modelsFolder()): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && isName(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** Reads `models/<name>`. Errors: MODEL_UNKNOWN, MANIFEST_MISSING, MANIFEST_INVALID (with every problem at once). */
export async function loadModel(name: string, folder = modelsFolder()): Promise<Model> {
  const at = path.join(folder, name);
  if (!isName(name) || !existsSync(at)) throw await unknownModel(name, folder);
  const file = path.join(at, 'model.ts');
  if (!existsSync(file)) {
    throw new CleaverError('MANIFEST_MISSING', `${at} has no model.ts.`, {
      hint: `Write one, or make a complete folder with \`npx cleaver new ${name}-2\` and compare.`,
    });
  }
  const manifest = parseManifest(await importDefault(file), file);
  const [martSql, labelSql] = await Promise.all(
    ['mart.sql', 'label.sql'].map((query) => readQuery(path.join(at, query))),
  );
  return { name, folder: at, manifest, martSql: martSql ?? '', labelSql: labelSql ?? '' };
}

/** The model of that name; where none is named, the only one. Error: OPTION_INVALID when there are none or several. */
export async function chooseModel(name: string | undefined): Promise<Model> {
  if (name !== undefined) return await loadModel(name);
  const names = await modelNames();
  const [only] = names;
  if (only !== undefined && names.length === 1) return await loadModel(only);
  throw new CleaverError('OPTION_INVALID', `There are ${names.length} models: ${names.join(', ') || 'none'}.`, {
    hint:
      names.length === 0
        ? 'Make one with `npx cleaver new NAME`.'
        : 'Name one: `--model` in a shell, `model` under `with:` in a workflow.',
  });
}

/** A manifest with defaults, from what model.ts exports. Error: MANIFEST_INVALID. */
export function parseManifest(exported: unknown, file: string): ModelManifest {
  const parsed = modelManifest.safeParse(exported);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${pathOf(issue)}: ${issue.message}`);
  throw new CleaverError('MANIFEST_INVALID', `${file} is not a valid manifest:\n${problems.join('\n')}`, {
    hint: 'Mend each line above; pipelines/core/manifest.ts explains every field.',
  });
}

async function importDefault(file: string): Promise<unknown> {
  try {
    // A module is loaded once for each address: with the time of its last change in it, a mended file is read anew.
    const address = `${pathToFileURL(file).href}?${(await stat(file)).mtimeMs}`;
    const module = (await import(address)) as { default?: unknown };
    return module.default;
  } catch (error) {
    throw new CleaverError('MANIFEST_INVALID', `${file} does not load: ${messageOf(error)}`, {
      hint: 'It must be TypeScript that ends in `export default defineModel({ … })`.',
      cause: error,
    });
  }
}

async function readQuery(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CleaverError('MANIFEST_INVALID', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'A model folder needs mart.sql (the features) and label.sql (what came true); see docs/add-a-model.md.',
      cause: error,
    });
  }
}

async function unknownModel(name: string, folder: string): Promise<CleaverError> {
  const names = await modelNames(folder);
  const known = names.length > 0 ? `There are: ${names.join(', ')}.` : 'There are none.';
  return new CleaverError('MODEL_UNKNOWN', `There is no model ${JSON.stringify(name)} in ${folder}. ${known}`, {
    hint: 'Choose one of them with --model, or make one with `npx cleaver new NAME`.',
  });
}

function isName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]*$/.test(name);
}

function pathOf(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? 'the manifest' : issue.path.join('.');
}
