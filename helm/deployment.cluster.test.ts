import { describe, expect, test } from 'vitest';
import { noHelm, only, render } from './testing/rendered-chart.ts';
import { podOf, selectorOf, specOf, variablesOf } from './testing/rendered-pods.ts';

const EVERYTHING = 'ci/everything-values.yaml';
const SMALLEST = 'ci/smallest-values.yaml';

describe.skipIf(noHelm)(`the pods of the chart${noHelm === undefined ? '' : ` (${noHelm})`}`, () => {
  describe('the deployment', () => {
    const deployment = (...values: (object | string)[]) => specOf(only(render(SMALLEST, ...values), 'Deployment'));

    test('takes no pod away before a new one is ready', () => {
      expect(deployment()).toMatchObject({
        replicas: 2,
        strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        minReadySeconds: 3,
      });
    });

    test('has probes that mean different things, and leaves the lingering to the server', () => {
      const [container] = podOf(deployment()).containers;
      expect(container).toMatchObject({
        startupProbe: { httpGet: { path: '/livez', port: 'http' }, periodSeconds: 1, failureThreshold: 60 },
        readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' }, periodSeconds: 2, failureThreshold: 3 },
        livenessProbe: { httpGet: { path: '/livez', port: 'metrics' }, periodSeconds: 10, timeoutSeconds: 5 },
      });
      expect(container?.ports).toEqual([
        { name: 'http', containerPort: 8080 },
        { name: 'metrics', containerPort: 9464 },
      ]);
      expect(container?.lifecycle).toBeUndefined();
    });

    test.each([
      [undefined, undefined, 28],
      [5000, 2500, 18],
      [0, 0, 10],
    ])('leaves time for a linger of %s and a drain of %s ms', (linger, drain, seconds) => {
      const settings = { CLEAVER_LINGER_MS: linger, CLEAVER_DRAIN_TIMEOUT_MS: drain };
      const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
      expect(podOf(deployment({ settings: given })).terminationGracePeriodSeconds).toBe(seconds);
    });

    test('spreads the pods of one release over the nodes that are up', () => {
      expect(podOf(deployment()).topologySpreadConstraints).toEqual([
        {
          ...{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
          ...{ nodeTaintsPolicy: 'Honor', matchLabelKeys: ['pod-template-hash'] },
          labelSelector: { matchLabels: selectorOf('service') },
        },
      ]);
    });

    test.each([
      [{ state: { existingClaim: 'state' } }, 'ScheduleAnyway'],
      [{ state: { existingClaim: 'state', shared: true } }, 'DoNotSchedule'],
      [{ spread: { whenUnsatisfiable: 'ScheduleAnyway' } }, 'ScheduleAnyway'],
    ])('does not insist where a claim holds the pods to one node: %j', (values, expected) => {
      expect(podOf(deployment(values)).topologySpreadConstraints[0]?.['whenUnsatisfiable']).toBe(expected);
    });

    test('says no number of pods where the autoscaler does', () => {
      expect(deployment({ autoscaling: { enabled: true } })).not.toHaveProperty('replicas');
    });

    test('hands settings on as they are written, large numbers too', () => {
      expect(variablesOf(podOf(specOf(only(render(EVERYTHING), 'Deployment'))))).toEqual({
        CLEAVER_API_KEYS_FILE: '/etc/cleaver/keys/keys',
        CLEAVER_CORS_ORIGINS: 'https://shop.example',
        CLEAVER_DRAIN_TIMEOUT_MS: '10000',
        CLEAVER_LINGER_MS: '5000',
        CLEAVER_MAX_ROWS: '10000000',
        CLEAVER_METRICS_PORT: '9464',
        CLEAVER_SERVE: 'champion,challenger',
        CLEAVER_SHADOW: '0.1',
        CLEAVER_SOURCE: { secretKeyRef: { name: 'cleaver-database', key: 'url' } },
        SHOP_PASSWORD: { secretKeyRef: { name: 'shop', key: 'password' } },
      });
    });

    test('records nothing where nobody would collect it, unless it is told to', () => {
      const record = (values: object) => variablesOf(podOf(deployment(values)))['CLEAVER_RECORD'];
      expect(record({})).toBe('off');
      expect(record({ settings: { CLEAVER_RECORD: 'always' } })).toBe('always');
      expect(record({ state: { existingClaim: 'state' } })).toBeUndefined();
    });

    test('mounts of the state only what the server needs', () => {
      const pod = podOf(deployment({ state: { existingClaim: 'state' } }));
      expect(pod.containers[0]?.volumeMounts).toEqual([
        { name: 'tmp', mountPath: '/tmp' },
        { name: 'state', mountPath: '/var/lib/cleaver/predictions', subPath: 'predictions' },
        { name: 'state', mountPath: '/var/lib/cleaver/reports', subPath: 'reports', readOnly: true },
      ]);
      expect(pod.volumes?.[1]).toEqual({ name: 'state', persistentVolumeClaim: { claimName: 'state' } });
    });

    test('does not hand the database to the server where it is told not to', () => {
      const database = { existingSecret: 'database', inService: false };
      expect(variablesOf(podOf(deployment({ database })))).not.toHaveProperty('CLEAVER_SOURCE');
    });
  });

  describe('the budget', () => {
    test('lets a node be drained where there is one pod only, or one that is not ready', () => {
      expect(specOf(only(render(SMALLEST), 'PodDisruptionBudget'))).toEqual({
        ...{ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
        selector: { matchLabels: selectorOf('service') },
      });
    });
  });
});
