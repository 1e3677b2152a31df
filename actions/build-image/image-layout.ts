import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What of a manifest counts here; https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export interface Manifest {
  mediaType?: string;
  config: Blob;
  layers: Blob[];
}

interface Blob {
  digest: string;
  size: number;
}

/** The configuration of an image, as far as it says what made which layer. */
export interface ImageConfig {
  history?: { created_by?: string; empty_layer?: boolean }[];
}

export interface Layer {
  what: 'base' | 'packages' | 'code' | 'state' | 'models';
  digest: string;
  /** Compressed. */
  bytes: number;
}

export interface ImageDescription {
  digest: string;
  layers: Layer[];
  bytes: number;
  baseBytes: number;
}

export interface LayoutImage {
  manifest: Manifest;
  /** As it stands: its hash is the image's digest. */
  manifestText: string;
  description: ImageDescription;
}

/** The one image of a layout folder. */
export async function readLayout(folder: string): Promise<LayoutImage> {
  const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as { manifests: [Blob] };
  const [{ digest }] = index.manifests;
  const manifestText = await readFile(blobFile(folder, digest), 'utf8');
  const manifest = JSON.parse(manifestText) as Manifest;
  const config = JSON.parse(await readFile(blobFile(folder, manifest.config.digest), 'utf8')) as ImageConfig;
  return { manifest, manifestText, description: describeImage(digest, manifest, config) };
}

/** Where a layout keeps a blob. */
export function blobFile(folder: string, digest: string): string {
  return path.join(folder, 'blobs', ...digest.split(':'));
}

/** Says what each layer is, by the steps of our Dockerfile that the configuration tells of. */
export function describeImage(digest: string, manifest: Manifest, { history = [] }: ImageConfig): ImageDescription {
  const steps = history.filter((step) => step.empty_layer !== true).map((step) => step.created_by ?? '');
  // From the end: a base image may have lost its history, our layers have theirs.
  const layers = manifest.layers.map(({ digest: its, size }, index): Layer => {
    const step = steps.at(index - manifest.layers.length) ?? '';
    return { what: whatMade(step), digest: its, bytes: size };
  });
  return {
    digest,
    layers,
    bytes: sumOf(layers),
    baseBytes: sumOf(layers.filter(({ what }) => what === 'base')),
  };
}

function whatMade(step: string): Layer['what'] {
  if (!step.includes('COPY')) return 'base';
  if (step.includes('/var/lib/cleaver/registry')) return 'models';
  if (step.includes('/var/lib/cleaver')) return 'state';
  if (step.includes('/app/node_modules')) return 'packages';
  return /\/app\b/.test(step) ? 'code' : 'base';
}

function sumOf(layers: readonly Layer[]): number {
  return layers.reduce((sum, { bytes }) => sum + bytes, 0);
}
