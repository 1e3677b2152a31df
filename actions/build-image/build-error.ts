import { CleaverError } from '../../pipelines/core/errors.ts';
import type { Ended } from './run-program.ts';

/** Why a build has failed: IMAGE_BASE_MISSING, DISK_FULL, else IMAGE_BUILD_FAILED. */
export function buildError(command: string, ended: Ended): CleaverError {
  const line = essentialLine(ended.lines);
  const why = `${command} ended with ${ended.status}: ${line}`;
  if (/no space left on device|disk quota exceeded/i.test(line)) {
    return new CleaverError('DISK_FULL', `No room left to build the image. ${why}`, {
      hint: 'Free space where the image tool keeps its layers (`docker system prune`, `buildah rmi --prune`), and run the job again.',
    });
  }
  if (/creating build container|resolve source metadata|initializing source|pull access denied/i.test(line)) {
    return new CleaverError('IMAGE_BASE_MISSING', `The base image cannot be pulled. ${why}`, {
      hint: 'Can the runner reach the registry of the base image? A mirror can be named by `base-image` under `with:`.',
    });
  }
  return new CleaverError('IMAGE_BUILD_FAILED', `The image cannot be built. ${why}`, {
    hint: 'The lines of the build are in the log, above this message.',
  });
}

/** The last line that speaks of an error, else the last one. */
export function essentialLine(lines: readonly string[]): string {
  const line = lines.findLast((one) => /\berror\b|\bERR!|\bfailed\b|denied|no space left/i.test(one)) ?? lines.at(-1);
  return line?.trim() ?? 'it said nothing';
}
