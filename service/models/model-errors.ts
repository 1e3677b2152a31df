import { CleaverError } from '../../pipelines/core/errors.ts';

/** MODEL_UNKNOWN, with the models that there are. */
export function unknownModel(model: string, known: string[]): CleaverError {
  const served = known.length === 0 ? 'No model is registered yet' : `Served here: ${known.sort().join(', ')}`;
  return new CleaverError('MODEL_UNKNOWN', `There is no model ${JSON.stringify(model)}.`, {
    hint: `${served}. A model is served once its first version is promoted.`,
  });
}

/** CHAMPION_MISSING. */
export function championMissing(model: string): CleaverError {
  return new CleaverError('CHAMPION_MISSING', `No version of ${model} has been promoted yet.`, {
    hint: `Run: npx cleaver loop --model ${model}`,
  });
}

/** REGISTRY_VERSION_UNKNOWN, with the versions that are served. */
export function versionNotServed(model: string, version: string, served: readonly string[]): CleaverError {
  return new CleaverError(
    'REGISTRY_VERSION_UNKNOWN',
    `${model} ${JSON.stringify(version)} is not served; ${served.join(' and ')} ${served.length === 1 ? 'is' : 'are'}.`,
    { hint: 'Ask without a version for the champion.' },
  );
}
