import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { essentialLine } from './build-error.ts';
import { runProgram } from './run-program.ts';
import { isLeftOut } from './strip-packages.ts';

const LIMIT_MS = 120_000;

interface Bom {
  components: { name: string; 'bom-ref': string }[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

/**
 * Writes the list of the Node packages in the image, as CycloneDX: what npm says of the lock file, without the packages
 * that the image goes without. Error: IMAGE_SBOM_FAILED.
 */
export async function writeSbom(context: string, file: string): Promise<string> {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--omit=dev'];
  const ended = await runProgram({ command: 'npm', args, cwd: context, timeoutMs: LIMIT_MS });
  if (ended.status !== 0) {
    throw new CleaverError('IMAGE_SBOM_FAILED', `npm sbom ended with ${ended.status}: ${essentialLine(ended.lines)}`, {
      hint: 'It needs npm 10 or newer, and a package-lock.json that fits package.json.',
    });
  }
  const bom = JSON.parse(ended.stdout) as Bom;
  const platform = `${process.platform}-${process.arch}`;
  const gone = new Set(bom.components.filter((one) => isLeftOut(one.name, platform)).map((one) => one['bom-ref']));
  const stays = (ref: string) => !gone.has(ref);
  const shipped: Bom = {
    ...bom,
    components: bom.components.filter((one) => stays(one['bom-ref'])),
    dependencies: bom.dependencies
      .filter(({ ref }) => stays(ref))
      .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter(stays) })),
  };
  await writeFile(path.resolve(context, file), `${JSON.stringify(shipped, undefined, 2)}\n`);
  return path.resolve(context, file);
}
