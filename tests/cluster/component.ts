import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Programs that a release needs, and what is asked of them to see that they are there. */
const PROGRAMS = { helm: ['version'], kubectl: ['version', '--client'], buildah: ['--version'], cosign: ['version'] };

/**
 * Why the tests on a cluster are left out here; in CI nothing is left out, so that there they fail. They need a Kubernetes
 * (`KUBECONFIG`) whose pods pull from a registry over plain HTTP (`REGISTRY`, such as 127.0.0.1:5000), and may fill a
 * namespace of their own with both.
 */
export const noCluster = process.env['CI'] ? undefined : missingHere();

function missingHere(): string | undefined {
  const missing = [
    ...Object.entries(PROGRAMS).flatMap(([name, args]) => (answers(name, args) ? [] : [name])),
    ...['KUBECONFIG', 'REGISTRY'].filter((name) => process.env[name] === undefined),
  ];
  return missing.length === 0 ? undefined : `${missing.join(', ')} missing; nothing is released`;
}

function answers(program: string, args: string[]): boolean {
  if (!(process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, program)))) return false;
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
