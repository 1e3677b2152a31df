import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { hashFile } from '../../pipelines/adapters/files.ts';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import type { Alias } from '../../pipelines/adapters/registry.ts';
import { modelNames } from '../../pipelines/config.ts';
import type { Job } from '../job.ts';
import { runnerHome } from '../on-model.ts';
import { findBuilder } from './builder.ts';
import type { ImageInputs } from './image-inputs.ts';
import { describeImage, readLayout, type ImageConfig, type ImageDescription, type Manifest } from './image-layout.ts';
import { openImageRegistry, type ImageRegistry } from './image-registry.ts';
import { provenance } from './provenance.ts';
import { pushImage } from './push-image.ts';
import { loginFolder, storedLogin, type Login } from './registry-login.ts';
import { writeSbom } from './sbom.ts';
import { signImage } from './sign-image.ts';
import { modelsText, stageModels, type ShippedModel } from './stage-models.ts';

const COMMIT_LENGTH = 12;
const MAX_TAG_LENGTH = 128;

export interface BuiltImage {
  image: string;
  tag: string;
  description: ImageDescription;
  models: string;
  /** Undefined when it was only built. */
  pushed: number | undefined;
  signed: boolean;
  seconds: number;
  /** The last release: what was asked for, and what it is where it was found. */
  previous: { reference: string; description: ImageDescription | undefined } | undefined;
}

/** Builds the image of this checkout and of the runner's models, and pushes and signs it. Errors: see docs/errors.md, IMAGE_… */
export async function buildImage(inputs: ImageInputs, job: Job): Promise<BuiltImage> {
  const folder = await mkdtemp(path.join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'build-image-'));
  const cancelled = new AbortController();
  job.onCancel(async () => {
    cancelled.abort();
    await rm(folder, { recursive: true, force: true });
  });
  try {
    return await buildIn(folder, inputs, job, cancelled.signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildIn(folder: string, inputs: ImageInputs, job: Job, signal: AbortSignal): Promise<BuiltImage> {
  const began = performance.now();
  const { image } = inputs;
  const context = process.env['GITHUB_WORKSPACE'] ?? process.cwd();
  const onLine = (line: string) => {
    job.line(line);
  };
  const login = await loginOf(inputs);
  const registry = openImageRegistry({ image, plainHttp: inputs['plain-http'], login });
  // What would stop the push is better known before minutes of work.
  if (inputs.push) await registry.tryPush();
  const builder = await findBuilder({ onLine, signal });
  const models = await stage(inputs, context, path.join(folder, 'models'));
  const tag = inputs.tag ?? tagOf(models);
  job.line(`${builder.name} builds ${image}:${tag} with ${modelsText(models) || 'no model'}`);
  const layout = path.join(folder, 'image');
  await builder.build({
    context,
    models: models.length > 0 ? path.join(folder, 'models') : undefined,
    labels: await labelsOf(context, models),
    baseImage: inputs['base-image'],
    secrets: secretFiles(),
    layout,
  });
  const built = await readLayout(layout);
  const { description } = built;
  const wantsSignature = inputs['signing-key'] !== undefined && inputs.push;
  const sbom = inputs.sbom ?? (wantsSignature ? path.join(folder, 'sbom.json') : undefined);
  if (sbom !== undefined) await writeSbom(context, sbom);
  const previous = inputs.previous === undefined ? undefined : await readPrevious(registry, inputs.previous);
  const pushed = inputs.push ? await pushImage(registry, { image: built, layout, tag }) : undefined;
  if (wantsSignature) {
    const predicate = path.join(folder, 'provenance.json');
    const facts = { tool: builder.name, baseImage: inputs['base-image'], models, image: description };
    await writeFile(predicate, JSON.stringify(await provenanceOf(context, facts)));
    await signImage(
      {
        image: `${image}@${description.digest}`,
        key: inputs['signing-key'] ?? '',
        password: inputs['signing-password'] ?? '',
        plainHttp: inputs['plain-http'],
        logins: await loginFolder(path.join(folder, 'logins'), hostOf(image), login),
        attestations: { cyclonedx: path.resolve(context, sbom ?? ''), slsaprovenance1: predicate },
        folder,
      },
      onLine,
      signal,
    );
  }
  const seconds = (performance.now() - began) / 1000;
  return { image, tag, description, models: modelsText(models), pushed, signed: wantsSignature, seconds, previous };
}

async function loginOf({ image, username, password }: ImageInputs): Promise<Login | undefined> {
  if (username !== undefined && password !== undefined) return { username, password };
  return await storedLogin(hostOf(image));
}

async function stage({ models }: ImageInputs, context: string, folder: string): Promise<ShippedModel[]> {
  if (models === 'none') return [];
  const home = runnerHome();
  await mkdir(folder);
  const aliases = models.split(',') as Alias[];
  // Those whose folder is in the image: the registry remembers deleted ones too.
  const names = await modelNames(path.join(context, 'models'));
  return await stageModels(openFileRegistry(home.registry, home.work), names, aliases, folder);
}

/** A tag of its own for each release: what no tag names any more, a registry may throw away, and a rollback needs it. */
function tagOf(models: readonly ShippedModel[]): string {
  const versions = models.map(({ model, version }) => `-${model}-${version}`).join('');
  return `${commit().slice(0, COMMIT_LENGTH)}${versions}`.slice(0, MAX_TAG_LENGTH);
}

async function labelsOf(context: string, models: readonly ShippedModel[]): Promise<Record<string, string>> {
  const { version, license } = JSON.parse(await readFile(path.join(context, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
  };
  return {
    'org.opencontainers.image.title': 'cleaver',
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.licenses': license,
    'org.opencontainers.image.revision': commit(),
    'org.opencontainers.image.source': `${variable('GITHUB_SERVER_URL')}/${variable('GITHUB_REPOSITORY')}`,
    'cleaver.models': modelsText(models),
  };
}

/** What npm needs in a network of its own; a build that needs neither gets neither. */
function secretFiles(): Record<string, string> {
  const files = { npmrc: path.join(homedir(), '.npmrc'), ca: variable('NODE_EXTRA_CA_CERTS') };
  return Object.fromEntries(Object.entries(files).filter(([, file]) => existsSync(file)));
}

async function readPrevious(registry: ImageRegistry, reference: string): Promise<BuiltImage['previous']> {
  const text = await registry.read('manifests', reference);
  const manifest = JSON.parse(text ?? '{}') as Partial<Manifest>;
  // One of several platforms is a list of images, and none of ours.
  if (manifest.config === undefined) return { reference, description: undefined };
  const config = JSON.parse((await registry.read('blobs', manifest.config.digest)) ?? '{}') as ImageConfig;
  return { reference, description: describeImage(reference, manifest as Manifest, config) };
}

async function provenanceOf(
  context: string,
  {
    tool,
    baseImage,
    models,
    image,
  }: { tool: string; baseImage: string | undefined; models: ShippedModel[]; image: ImageDescription },
): Promise<object> {
  const [, preset = ''] =
    /^ARG NODE_IMAGE=(\S+)$/m.exec(await readFile(path.join(context, 'Dockerfile'), 'utf8')) ?? [];
  const files = await Promise.all(
    ['Dockerfile', 'package-lock.json'].map(async (name) => [name, await hashFile(path.join(context, name))] as const),
  );
  return provenance({
    ...{ tool, models, image, baseImage: baseImage ?? preset, files: Object.fromEntries(files) },
    server: variable('GITHUB_SERVER_URL'),
    repository: variable('GITHUB_REPOSITORY'),
    commit: commit(),
    ref: variable('GITHUB_REF'),
    workflow: variable('GITHUB_WORKFLOW_REF'),
    runId: variable('GITHUB_RUN_ID'),
    runAttempt: variable('GITHUB_RUN_ATTEMPT'),
  });
}

function commit(): string {
  return variable('GITHUB_SHA');
}

function hostOf(image: string): string {
  return image.split('/', 1)[0] ?? '';
}

function variable(name: string): string {
  return process.env[name] ?? '';
}
