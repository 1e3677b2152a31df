import { openFileRegistry } from '../adapters/file-registry.ts';
import { homeAt } from '../adapters/home.ts';
import { listRuns } from '../adapters/run-store.ts';
import { chooseModel, modelNames } from '../config.ts';
import type { Answer, Options } from './program.ts';

/** Every model: its folder, versions and aliases. */
export async function listModels(): Promise<Answer> {
  const home = homeAt();
  const registry = openFileRegistry(home.registry, home.work);
  const names = [...new Set([...(await modelNames()), ...(await registry.models())])].sort();
  const models = await Promise.all(
    names.map(async (name) => ({
      name,
      champion: await registry.alias(name, 'champion'),
      challenger: await registry.alias(name, 'challenger'),
      versions: await registry.versions(name),
    })),
  );
  const lines = models.flatMap(({ name, champion, versions }) => [
    `${name}: ${champion === undefined ? 'no champion yet' : `champion ${champion}`}`,
    ...versions.map(
      (version) =>
        `  ${version.version}  ${version.rows} rows of ${version.window.from} to ${version.window.to}  ${version.sha256.slice(0, 12)}`,
    ),
  ]);
  return {
    json: { outcome: 'done', models },
    text: lines.join('\n') || 'No model yet; make one with `npx cleaver new NAME`.',
  };
}

/** A model's newest run records. */
export async function listModelRuns(options: Options): Promise<Answer> {
  const { name: model } = await chooseModel(options.model);
  const all = await listRuns(homeAt(), model);
  const runs = all.slice(Math.max(0, all.length - Number(options['last'])));
  const lines = runs.map(
    (run) => `${run.asOf}  ${run.id.padEnd(22)} ${run.outcome.padEnd(18)} ${(run.durationMs / 1000).toFixed(1)} s`,
  );
  return { json: { outcome: 'done', model, runs }, text: lines.join('\n') || `Nothing was done to ${model} yet.` };
}
