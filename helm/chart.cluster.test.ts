import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHART, helm, IMAGE, NAMESPACE, noHelm, only, render, renderText, template } from './testing/rendered-chart.ts';
import { kindsOf, podOf, podsOf, specOf, variablesOf, type PodSpec } from './testing/rendered-pods.ts';

const EVERYTHING = 'ci/everything-values.yaml';
const SMALLEST = 'ci/smallest-values.yaml';
const ci = readdirSync(path.join(CHART, 'ci')).map((file) => `ci/${file}`);
const profiles = readdirSync(path.join(CHART, 'profiles')).map((file) => `profiles/${file}`);

describe.skipIf(noHelm)(`the chart${noHelm === undefined ? '' : ` (${noHelm})`}`, () => {
  test.each([...ci, ...profiles])('%s has nothing that helm lint finds', (file) => {
    const { status, stdout, stderr } = helm(['lint', '--strict', CHART], file, ...(ci.includes(file) ? [] : [IMAGE]));
    expect(`${stdout}${stderr}`).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(status).toBe(0);
  });

  test('the smallest values make what a release needs, and nothing that needs more than Kubernetes', () => {
    expect(kindsOf(render(SMALLEST))).toEqual([
      ...['Deployment', 'NetworkPolicy', 'NetworkPolicy', 'Pod', 'PodDisruptionBudget', 'Service', 'ServiceAccount'],
    ]);
  });

  test('with everything there is one of every kind, and each template has one kind', () => {
    const text = renderText(EVERYTHING);
    expect([...new Set(kindsOf(render(EVERYTHING)))]).toEqual([
      ...['CronJob', 'Deployment', 'HorizontalPodAutoscaler', 'Ingress', 'Middleware', 'NetworkPolicy', 'Pod'],
      ...['PodDisruptionBudget', 'Service', 'ServiceAccount', 'ServiceMonitor'],
    ]);
    const byTemplate = [...text.matchAll(/^# Source: cleaver\/templates\/(\S+)\.yaml$[\s\S]*?^kind: (\w+)$/gm)];
    expect(byTemplate.length).toBe(render(EVERYTHING).length);
    for (const [, template, kind] of byTemplate) expect(template).toBe(kind?.toLowerCase());
  });

  test('every object is in the namespace of the release, and says whose it is', () => {
    for (const { metadata } of [...render(EVERYTHING), ...render(SMALLEST)]) {
      expect(metadata.namespace).toBe(NAMESPACE);
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/instance': 'shop' });
    }
  });

  test('every pod is within the restricted profile, has no token and knows no service beside it', () => {
    const pods = podsOf(render(EVERYTHING));
    expect(pods).toHaveLength(3);
    for (const { containers, ...pod } of pods) {
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(pod.securityContext).toEqual({
        ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
        ...{ fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of containers) {
        expect(container.securityContext).toEqual({
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        });
        expect(container.resources).toMatchObject({
          requests: { cpu: expect.any(String) as string, memory: expect.any(String) as string },
          limits: { memory: expect.any(String) as string },
        });
      }
      for (const volume of pod.volumes ?? []) expect(volume).not.toHaveProperty('hostPath');
    }
  });

  describe('the image', () => {
    const imagesOf = (image: object) =>
      new Set(
        podsOf(render(EVERYTHING, { image: { digest: '', tag: '', ...image } })).map(
          ({ containers: [first] }) => first?.image,
        ),
      );
    const digest = `sha256:${'a'.repeat(64)}`;

    test.each([
      ['by digest, though there is a tag', { digest, tag: '1.0' }, `registry.example/cleaver@${digest}`],
      ['by tag', { tag: '1.0' }, 'registry.example/cleaver:1.0'],
      ['else of the version that the chart is of', {}, 'registry.example/cleaver:0.1.0'],
    ])('is named %s, the same in every pod', (_, image, named) => {
      expect([...imagesOf(image)]).toEqual([named]);
    });
  });

  describe('the watch', () => {
    test('runs one at a time, with the state and the token', () => {
      const job = specOf(only(render(EVERYTHING), 'CronJob'));
      expect(job).toMatchObject({ schedule: '17,47 * * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
      const { spec } = job['jobTemplate'] as { spec: Record<string, unknown> };
      expect(spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 900 });
      const pod = podOf(spec);
      expect(pod.containers[0]).toMatchObject({
        args: ['watch', '--dispatch', 'shop/models'],
        volumeMounts: [{ name: 'state', mountPath: '/var/lib/cleaver' }, { name: 'tmp' }],
      });
      expect(variablesOf(pod)).toMatchObject({
        GITHUB_TOKEN: { secretKeyRef: { name: 'cleaver-github', key: 'token' } },
        CLEAVER_SOURCE: { secretKeyRef: { name: 'cleaver-database', key: 'url' } },
      });
    });
  });

  describe('the profiles', () => {
    test('lite: both pods and one more during a release ask for less than 1 GiB', () => {
      const { replicas, ...spec } = specOf(only(render('profiles/lite.yaml', IMAGE), 'Deployment'));
      const [container] = podOf(spec).containers;
      const { memory } = container?.resources.requests as { memory: string };
      expect((Number(replicas) + 1) * Number.parseInt(memory)).toBeLessThan(1024);
      expect(memory).toMatch(/Mi$/);
    });

    test('full: a pod more for each of three nodes, by load, seen by the operator of Prometheus', () => {
      const objects = render('profiles/full.yaml', IMAGE);
      expect(specOf(only(objects, 'HorizontalPodAutoscaler'))).toMatchObject({ minReplicas: 3, maxReplicas: 12 });
      expect(kindsOf(objects)).toContain('ServiceMonitor');
      expect(only(objects, 'Deployment').spec).not.toHaveProperty('replicas');
    });
  });

  test('a long name of the release is cut, so that the names of jobs and pods fit', () => {
    const long = `${'x'.repeat(52)}9`;
    const { stdout, status } = template(long, EVERYTHING, { nameOverride: '', fullnameOverride: '' });
    expect(status).toBe(0);
    const names = [...stdout.matchAll(/^kind: (\w+)\nmetadata:\n {2}name: (\S+)$/gm)];
    expect(names.length).toBeGreaterThan(10);
    // A CronJob's name has at most 52 letters.
    for (const [, kind, name = ''] of names) expect(name.length).toBeLessThanOrEqual(kind === 'CronJob' ? 52 : 63);
  });

  test('the pod of `helm test` gets the script as it is', () => {
    const pod = only(render(SMALLEST), 'Pod');
    expect(pod.metadata.annotations?.['helm.sh/hook']).toBe('test');
    const [container] = (pod.spec as PodSpec).containers;
    expect(container?.args.slice(0, 2)).toEqual(['--input-type=module-typescript', '--eval']);
    expect(container?.args[2]).toContain('await untilReady()');
    expect(variablesOf(pod.spec as PodSpec)).toEqual({
      SERVICE_URL: `http://shop-cleaver.${NAMESPACE}:80`,
      ASKS_FOR_KEYS: 'no',
    });
  });
});
