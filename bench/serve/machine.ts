import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import path from 'node:path';
import { pinnedVersion } from './python-peer.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

export interface Machine {
  cores: number;
  cpu: string;
  memoryGb: number;
  kernel: string;
  node: string;
}

export function machineOf(): Machine {
  const [first] = cpus();
  return {
    cores: cpus().length,
    cpu: first?.model ?? '',
    memoryGb: Math.round(totalmem() / 1e9),
    kernel: release(),
    node: process.version,
  };
}

/** Versions of what is compared; of the peers, those that their requirements pin. */
export async function versionsOf(): Promise<Record<string, string>> {
  const { version } = await readManifest(ROOT);
  return {
    cleaver: `${version} (${commit()})`,
    hono: (await readManifest(path.join(ROOT, 'node_modules', 'hono'))).version,
    'onnxruntime-node': (await readManifest(path.join(ROOT, 'node_modules', 'onnxruntime-node'))).version,
    fastapi: await pinnedVersion('fastapi', 'fastapi'),
    uvicorn: await pinnedVersion('fastapi', 'uvicorn'),
    onnxruntime: await pinnedVersion('fastapi', 'onnxruntime'),
    mlserver: await pinnedVersion('mlserver', 'mlserver'),
    kserve: await pinnedVersion('kserve', 'kserve'),
    bentoml: await pinnedVersion('bentoml', 'bentoml'),
  };
}

async function readManifest(folder: string): Promise<{ version: string }> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { version: string };
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--', 'service', 'pipelines') !== '';
  return git('rev-parse', '--short', 'HEAD') + (isChanged ? ' with changes' : '');
}
