import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHART, IMAGE, kubectl, type KubernetesObject, NAMESPACE, render } from './testing/rendered-chart.ts';

/** What needs more than Kubernetes itself; only where a cluster has it can it be held against it. */
const FROM_ELSEWHERE = ['gateway.networking.k8s.io/v1', 'monitoring.coreos.com/v1', 'traefik.io/v1alpha1'];
const values = [
  ...readdirSync(path.join(CHART, 'ci')).map((file) => [`ci/${file}`, {}] as const),
  ...readdirSync(path.join(CHART, 'profiles')).map((file) => [`profiles/${file}`, IMAGE] as const),
];
const noServer = process.env['CI'] || kubectl(['version']).status === 0 ? undefined : 'no cluster answers';
const noKubeconform = spawnSync('kubeconform', ['-v']).status === 0 ? undefined : 'kubeconform is missing';

describe.skipIf(noServer)(`the API server${noServer === undefined ? '' : ` (${noServer})`}`, () => {
  let served: string[];

  beforeAll(() => {
    kubectl(['create', 'namespace', NAMESPACE]);
    const levels = ['enforce', 'warn', 'audit'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
    expect(kubectl(['label', '--overwrite', 'namespace', NAMESPACE, ...levels])).toMatchObject({ status: 0 });
    // A pod is looked at only where its account is there.
    for (const name of ['shop-cleaver', 'shop-scores'])
      kubectl(['create', '--save-config', 'serviceaccount', name, `--namespace=${NAMESPACE}`]);
    served = kubectl(['api-versions']).stdout.split('\n');
  });

  afterAll(() => {
    kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
  });

  test.each(values)('takes all of %s without a warning, in a namespace of the restricted profile', (file, more) => {
    const { known, unknown } = byServer(render(file, more));
    expect(known.length).toBeGreaterThan(4);
    for (const { apiVersion } of unknown) expect(FROM_ELSEWHERE).toContain(apiVersion);
    const dryRun = ['apply', '--dry-run=server', '--validate=strict', '--filename=-'];
    const { status, stdout, stderr } = kubectl(dryRun, listOf(known));
    expect(stderr).toBe('');
    expect([status, stdout.trim().split('\n').length]).toEqual([0, known.length]);
  });

  test('refuses the same with a field that it does not know, and a pod that may do more', () => {
    const pod = render('ci/smallest-values.yaml').find(({ kind }) => kind === 'Pod');
    const { containers } = pod?.spec as { containers: object[] };
    const dryRun = ['apply', '--dry-run=server', '--validate=strict', '--filename=-'];
    const strange = kubectl(dryRun, listOf([{ ...pod, spec: { ...(pod?.spec as object), containerz: containers } }]));
    expect(strange.stderr).toContain('unknown field "containerz"');
    const root = containers.map((container) => ({ ...container, securityContext: { privileged: true } }));
    const privileged = kubectl(dryRun, listOf([{ ...pod, spec: { ...(pod?.spec as object), containers: root } }]));
    expect(privileged.stderr).toContain('violates PodSecurity "restricted:latest"');
  });

  test.skipIf(noKubeconform)(
    `kubeconform finds nothing by its schemas (${noKubeconform ?? 'kubeconform is there'})`,
    () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'cleaver-schemas-'));
      const { definitions } = JSON.parse(kubectl(['get', '--raw', '/openapi/v2']).stdout) as {
        definitions: Definitions;
      };
      writeSchemas(folder, definitions);
      for (const [file, more] of values) {
        const { known } = byServer(render(file, more));
        const schemas = ['-strict', '-summary', '-schema-location', `${folder}/{{ .ResourceKind }}.json`];
        const { status, stdout } = spawnSync('kubeconform', schemas, { encoding: 'utf8', input: listOf(known) });
        expect(stdout).toContain(`${known.length} resources found`);
        expect(stdout).toContain(`Valid: ${known.length}, Invalid: 0, Errors: 0, Skipped: 0`);
        expect(status).toBe(0);
      }
      rmSync(folder, { recursive: true });
    },
  );

  function byServer(objects: readonly KubernetesObject[]) {
    const { known = [], unknown = [] } = Object.groupBy(objects, ({ apiVersion }) =>
      served.includes(apiVersion) ? 'known' : 'unknown',
    );
    return { known, unknown };
  }
});

type Definitions = Record<
  string,
  { 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[] }
>;

/** The server's own schemas, one file a kind. Where several groups have a kind, the stable one of the newest is taken. */
function writeSchemas(folder: string, definitions: Definitions): void {
  // What may be a number or a text is a text in this description; and a name that is not in it is to be refused.
  const strict = JSON.stringify({ definitions }, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('format' in value && value.format === 'int-or-string') return {};
    return 'properties' in value && 'type' in value ? { additionalProperties: false, ...value } : value;
  });
  writeFileSync(path.join(folder, '_definitions.json'), strict);
  const kinds = Object.entries(definitions).flatMap(([name, { 'x-kubernetes-group-version-kind': known = [] }]) =>
    known.length === 1 ? known.map((one) => ({ ...one, name })) : [],
  );
  for (const { kind, version, name } of kinds.toSorted((one, other) => compareVersions(one.version, other.version))) {
    const file = path.join(folder, `${kind.toLowerCase()}.json`);
    writeFileSync(file, JSON.stringify({ $ref: `_definitions.json#/definitions/${name}`, version }));
  }
}

/** v1alpha1 before v1, v1 before v2. */
function compareVersions(one: string, other: string): number {
  const rank = (version: string) => (/^v\d+$/.test(version) ? 1000 : 0) + Number(/\d+/.exec(version)?.[0]);
  return rank(one) - rank(other);
}

function listOf(objects: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}
