import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

export const CHART = path.join(import.meta.dirname, '..', 'cleaver');

const BUFFER = 64 * 1024 * 1024;

/** The namespace that is rendered for. */
export const NAMESPACE = 'cleaver-chart';

/** What every rendering needs. */
export const IMAGE = { image: { repository: 'registry.example/cleaver' } };

/** An object of Kubernetes as far as the tests look into it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  // Every kind has its own; the tests say what they expect.
  spec: unknown;
}

/** Why nothing is rendered here; in CI nothing is left out, so that there it fails. */
export const noHelm = process.env['CI'] || spawnSync('helm', ['version']).status === 0 ? undefined : 'helm is missing';

/** A values file of the chart by its name, or values. */
export type Values = string | object;

/** `helm template` for a Kubernetes of today: a helm that was built from its module takes an old one for granted. */
export function template(release: string, ...values: Values[]) {
  return helm(['template', release, CHART, '--namespace', NAMESPACE, '--kube-version', '1.34.0'], ...values);
}

/** Runs helm with values, which come after its other arguments; answers its streams and status as they are. */
export function helm(args: readonly string[], ...values: Values[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'cleaver-values-'));
  const files = values.map((value, index) => {
    if (typeof value === 'string') return path.join(CHART, value);
    const file = path.join(folder, `${index}.yaml`);
    // Helm reads YAML 1.1, where yes is a truth value.
    writeFileSync(file, stringify(value, { version: '1.1' }));
    return file;
  });
  const { status, stdout, stderr } = spawnSync('helm', [...args, ...files.flatMap((file) => ['--values', file])], {
    encoding: 'utf8',
    maxBuffer: BUFFER,
  });
  rmSync(folder, { recursive: true });
  return { status, stdout, stderr };
}

/** The YAML of a release called `shop` in {@link NAMESPACE}. Throws with what helm says. */
export function renderText(...values: Values[]): string {
  const { status, stdout, stderr } = template('shop', ...values);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Its objects. */
export function render(...values: Values[]): KubernetesObject[] {
  const documents = parseAllDocuments(renderText(...values));
  return [...documents].map((document) => document.toJS() as KubernetesObject | null).filter((found) => found !== null);
}

/** The one object of a kind; of several the one whose name ends so. */
export function only(objects: readonly KubernetesObject[], kind: string, ending = ''): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name.endsWith(ending));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`There are ${found.length} objects of kind ${kind}.`);
  return first;
}

/** Runs kubectl on the cluster of KUBECONFIG; answers its streams and status as they are. */
export function kubectl(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync('kubectl', args, { encoding: 'utf8', input, maxBuffer: BUFFER });
  return { status, stdout, stderr };
}
