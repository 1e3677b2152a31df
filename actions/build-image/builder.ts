import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { buildError } from './build-error.ts';
import { runProgram, type Ended } from './run-program.ts';

const BUILD_LIMIT_MS = 3_600_000;
const QUESTION_LIMIT_MS = 60_000;

export interface BuildRequest {
  /** The checkout, with the Dockerfile. */
  context: string;
  /** The folder of models to take in; undefined for an image without. */
  models: string | undefined;
  labels: Record<string, string>;
  baseImage: string | undefined;
  /** Files for the build that must not get into the image. */
  secrets: Record<string, string>;
  /** Where the image is written, in the layout of the Open Container Initiative. */
  layout: string;
}

export interface Builder {
  name: 'Docker Buildx' | 'Buildah';
  /** The same inputs give the same bytes. Errors: IMAGE_BASE_MISSING, IMAGE_BUILD_FAILED, DISK_FULL. */
  build(request: BuildRequest): Promise<void>;
}

export interface BuilderWorld {
  onLine: (line: string) => void;
  signal: AbortSignal;
}

/** Docker Buildx where its daemon answers, else Buildah. Error: IMAGE_TOOL_MISSING. */
export async function findBuilder(world: BuilderWorld): Promise<Builder> {
  const ask = async (command: string, ...args: string[]) =>
    (await runProgram({ command, args, timeoutMs: QUESTION_LIMIT_MS, signal: world.signal })).status === 0;
  if ((await ask('docker', 'buildx', 'version')) && (await ask('docker', 'info'))) return buildx(world);
  if (await ask('buildah', '--version')) return buildah(world);
  throw new CleaverError('IMAGE_TOOL_MISSING', 'There is neither Docker with Buildx nor Buildah on this machine.', {
    hint: 'Install one of them on the runner (Debian and Ubuntu: `apt-get install buildah`), or start the Docker daemon.',
  });
}

function buildx(world: BuilderWorld): Builder {
  return {
    name: 'Docker Buildx',
    async build(request) {
      const output = [
        `type=oci,tar=false,dest=${request.layout}`,
        // Else the digest of what did not change depends on who built the base.
        'compression=gzip,force-compression=true,rewrite-timestamp=true',
      ].join(',');
      // An attestation of its own would bring the time of the build into the digest.
      const args = ['buildx', 'build', '--progress=plain', '--provenance=false', '--sbom=false', `--output=${output}`];
      await run(world, 'docker', [...args, ...common(request)], { SOURCE_DATE_EPOCH: '0' });
    },
  };
}

function buildah(world: BuilderWorld): Builder {
  // The build runs npm without scripts and a file of ours, so a chroot is enough, and works in a container and without root.
  const env = { BUILDAH_ISOLATION: process.env['BUILDAH_ISOLATION'] ?? 'chroot' };
  return {
    name: 'Buildah',
    async build(request) {
      const idFile = path.join(path.dirname(request.layout), 'image-id');
      const args = ['build', '--format=oci', '--layers', '--timestamp=0', `--iidfile=${idFile}`];
      await run(world, 'buildah', [...args, ...common(request)], env);
      const id = (await readFile(idFile, 'utf8')).trim();
      await run(world, 'buildah', ['push', '--format=oci', id, `oci:${request.layout}`], env);
    },
  };
}

/** What both understand. */
function common({ context, models, labels, baseImage, secrets }: BuildRequest): string[] {
  return [
    `--file=${path.join(context, 'Dockerfile')}`,
    ...(models === undefined ? [] : [`--build-context=models=${models}`]),
    ...(baseImage === undefined ? [] : [`--build-arg=NODE_IMAGE=${baseImage}`]),
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    ...Object.entries(secrets).map(([id, file]) => `--secret=id=${id},src=${file}`),
    context,
  ];
}

async function run(
  { onLine, signal }: BuilderWorld,
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<Ended> {
  const ended = await runProgram({ command, args, env, timeoutMs: BUILD_LIMIT_MS, onLine, signal });
  if (ended.status !== 0) throw buildError(command, ended);
  return ended;
}
