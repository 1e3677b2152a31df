import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { helm, kubectl } from '../helm/testing/rendered-chart.ts';
import { noCluster } from '../tests/cluster/component.ts';
import { noProgram } from './component.ts';

const CHART = path.join(import.meta.dirname, 'chart');
const NAMESPACE = 'monitoring';
const PROGRAMS = { prometheus: 'prometheus', alertmanager: 'alertmanager', nodeExporter: 'node_exporter' } as const;
const UNTIL = { timeout: 120_000, interval: 1000 };
const missing = noCluster ?? noProgram(...Object.values(PROGRAMS));

test('the chart is without fault, and both charts’ defaults fit together', () => {
  expect(helm(['lint', '--strict', CHART])).toMatchObject({ status: 0 });
  const rendered = helm(['template', 'watch', CHART, '--namespace', NAMESPACE, '--kube-version', '1.34.0']);
  expect(rendered.stderr.replaceAll(/^level=INFO.*\n/gm, '')).toBe('');
  // The files that the pods read are those that `npm run monitoring` makes.
  for (const part of ['alert: ServiceDown', 'job_name: cleaver', 'cleaver.title', '"uid": "cleaver-service"']) {
    expect(rendered.stdout).toContain(part);
  }
});

/** Images of the programs as they are on the PATH; Grafana cannot be had as a single one. */
describe.skipIf(missing)(`the chart on a cluster${missing ? ` (${missing})` : ''}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cleaver-test-'));
  const remove = () => {
    kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
    for (const name of ['prometheus', 'alertmanager']) kubectl(['delete', 'pv', `test-${name}`, '--ignore-not-found']);
  };

  beforeAll(async () => {
    remove();
    done(kubectl(['create', 'namespace', NAMESPACE]));
    await Promise.all(Object.values(PROGRAMS).map(buildImage));
    const secret = ['slack-url', 'heartbeat-url'].map((key) => `--from-literal=${key}=http://127.0.0.1:1/${key}`);
    done(kubectl(['-n', NAMESPACE, 'create', 'secret', 'generic', 'cleaver-alerts', ...secret]));
    for (const name of ['prometheus', 'alertmanager']) claimable(name);
    mkdirSync(path.join(folder, 'state', 'metrics'), { recursive: true });
    writeFileSync(path.join(folder, 'state', 'metrics', 'cleaver.prom'), 'cleaver_state_written_timestamp_seconds 1\n');
    chmodSync(folder, 0o755);
  });
  afterAll(() => {
    remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function buildImage(program: string): Promise<void> {
    const context = path.join(folder, program);
    mkdirSync(context);
    const [file] = execFileSync('which', [program], { encoding: 'utf8' }).split('\n');
    copyFileSync(file ?? '', path.join(context, program));
    const lines = ['FROM node:24-slim', `COPY ${program} /bin/${program}`, `ENTRYPOINT ["/bin/${program}"]`];
    writeFileSync(path.join(context, 'Dockerfile'), lines.join('\n'));
    const run = promisify(execFile);
    await run('buildah', ['bud', '--quiet', '--tag', imageOf(program), context]);
    await run('buildah', ['push', '--quiet', '--tls-verify=false', imageOf(program), `docker://${imageOf(program)}`]);
  }

  /** A disk for a claim, as k3s makes one by itself. */
  function claimable(name: string): void {
    const at = path.join(folder, `data-${name}`);
    mkdirSync(at);
    chmodSync(at, 0o777);
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `test-${name}` },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: at },
        claimRef: { namespace: NAMESPACE, name: `data-${name}-0` },
      },
    };
    const file = path.join(folder, `${name}.yaml`);
    writeFileSync(file, stringify(volume));
    done(kubectl(['apply', '-f', file]));
  }

  test('comes up, finds the machine and its state, and judges by our rules', async () => {
    const images = Object.entries(PROGRAMS).map(([part, program]) => [part, { image: imageOf(program) }]);
    const values = {
      ...(Object.fromEntries(images) as Record<string, { image: string }>),
      nodeExporter: {
        image: imageOf('node_exporter'),
        stateFolder: path.join(folder, 'state'),
        // The root of a test's machine may be no shared mount.
        mountPropagation: 'None',
      },
      grafana: { enabled: false },
    };
    done(helm(['upgrade', '--install', 'watch', CHART, '-n', NAMESPACE, '--wait', '--timeout', '120s'], values));
    await vi.waitUntil(() => query('count(up{job=~"node|prometheus|alertmanager"} == 1)')[0] === '3', UNTIL);
    await vi.waitUntil(() => query('cleaver_state_written_timestamp_seconds')[0] === '1', UNTIL);
    expect(query('count(node_filesystem_avail_bytes{mountpoint="/"})')).toEqual(['1']);
    await vi.waitUntil(() => query('ALERTS{alertname="Watchdog",alertstate="firing"}')[0] === '1', UNTIL);
    await vi.waitUntil(() => Number(query('alertmanager_alerts{state="active"}')[0] ?? 0) > 0, UNTIL);
    // Nothing that the chart brings is missing to its own rules.
    expect(query('prometheus_rule_evaluation_failures_total > 0')).toEqual([]);
  });

  test('is upgraded onto itself without a pod being made anew', () => {
    const before = pods();
    done(helm(['upgrade', 'watch', CHART, '-n', NAMESPACE, '--reuse-values', '--wait', '--timeout', '120s']));
    expect(pods()).toEqual(before);
  });
});

function imageOf(program: string): string {
  return `${process.env['REGISTRY'] ?? ''}/cleaver-watch/${program.replace('_', '-')}:test`;
}

function done({ status, stderr }: { status: number | null; stderr: string }): void {
  expect(status, stderr).toBe(0);
}

/** The values that Prometheus answers, asked by way of the cluster's API. */
function query(expr: string): string[] {
  const at = `/api/v1/namespaces/${NAMESPACE}/services/prometheus:http/proxy/api/v1/query?query=${encodeURIComponent(expr)}`;
  const { stdout } = kubectl(['get', '--raw', at]);
  if (stdout === '') return [];
  const { data } = JSON.parse(stdout) as { data: { result: { value: [number, string] }[] } };
  return data.result.map(({ value: [, value] }) => value);
}

function pods(): string {
  return kubectl(['-n', NAMESPACE, 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.uid}']).stdout;
}
