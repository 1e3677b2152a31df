import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  CHART,
  helm,
  IMAGE,
  type KubernetesObject,
  NAMESPACE,
  noHelm,
  only,
  render,
  renderText,
} from './testing/rendered-chart.ts';

const EVERYTHING = 'ci/everything-values.yaml';
const SMALLEST = 'ci/smallest-values.yaml';
const ci = readdirSync(path.join(CHART, 'ci')).map((file) => `ci/${file}`);
const profiles = readdirSync(path.join(CHART, 'profiles')).map((file) => `profiles/${file}`);

interface PodSpec {
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  securityContext: object;
  terminationGracePeriodSeconds: number;
  topologySpreadConstraints: Record<string, unknown>[];
  containers: Container[];
  volumes?: ({ name: string } & Record<string, unknown>)[];
}

interface Container {
  image: string;
  args: string[];
  env: { name: string; value?: string; valueFrom?: object }[];
  resources: { requests: object; limits: object };
  securityContext: object;
  ports: { name: string; containerPort: number }[];
  volumeMounts: object[];
  lifecycle?: object;
}

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

  describe('the services', () => {
    test('lead requests to the pods that serve, to no other port and no other pod', () => {
      const services = render(EVERYTHING, { service: { nodePort: 30_080 } }).filter(({ kind }) => kind === 'Service');
      expect(services.map(specOf)).toMatchObject([
        {
          type: 'NodePort',
          ports: [{ port: 80, targetPort: 'http', nodePort: 30080 }],
          externalTrafficPolicy: 'Local',
        },
        { clusterIP: 'None', ports: [{ port: 9464, targetPort: 'metrics' }] },
      ]);
      for (const service of services) expect(specOf(service)['selector']).toEqual(selectorOf('service', 'scores'));
    });
  });

  describe('the network policies', () => {
    const policy = (ending: string, ...values: (object | string)[]) =>
      specOf(only(render(SMALLEST, ...values), 'NetworkPolicy', ending));
    const namespace = (name: string) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    });

    test('let the namespace in, and the route’s controller where there is a route', () => {
      const from = (values: object) => (policy('cleaver', values)['ingress'] as { from?: object[] }[])[0]?.from;
      expect(from({})).toEqual([{ podSelector: {} }]);
      expect(from({ route: { kind: 'Ingress' } })).toEqual([{ podSelector: {} }, namespace('kube-system')]);
      expect(from({ service: { type: 'NodePort' } })).toBeUndefined();
    });

    test('let the metrics be read by the monitoring only', () => {
      expect((policy('cleaver')['ingress'] as object[])[1]).toEqual({
        ports: [{ port: 'metrics', protocol: 'TCP' }],
        from: [namespace('monitoring'), { podSelector: { matchLabels: selectorOf('test') } }],
      });
    });

    test('let the server out nowhere', () => {
      expect(policy('cleaver')).toMatchObject({ policyTypes: ['Ingress', 'Egress'], egress: [] });
    });

    test('let the watch out to names, HTTPS and the database', () => {
      const watch = { repository: 'shop/models', existingSecret: 'github' };
      const rules = policy('-watch', { watch, database: { existingSecret: 'db', peers: [{ podSelector: {} }] } });
      expect(rules['ingress']).toEqual([]);
      expect((rules['egress'] as object[]).slice(1)).toEqual([
        { ports: [{ port: 443, protocol: 'TCP' }] },
        { ports: [{ port: 5432, protocol: 'TCP' }], to: [{ podSelector: {} }] },
      ]);
    });
  });

  describe('the route', () => {
    test('is limited by a middleware of Traefik, by its Ingress and by its HTTPRoute', () => {
      const byIngress = render(EVERYTHING);
      expect(specOf(only(byIngress, 'Middleware'))).toEqual({
        rateLimit: { average: 50, burst: 100, sourceCriterion: { ipStrategy: { depth: 1 } } },
      });
      expect(only(byIngress, 'Ingress').metadata.annotations).toEqual({
        'cert-manager.io/cluster-issuer': 'letsencrypt',
        'example.com/why': 'everything',
        'traefik.ingress.kubernetes.io/router.middlewares': `${NAMESPACE}-shop-scores@kubernetescrd`,
      });
      const byGateway = render('ci/gateway-values.yaml');
      const name = only(byGateway, 'Middleware').metadata.name;
      expect(specOf(only(byGateway, 'HTTPRoute'))).toMatchObject({
        rules: [{ filters: [{ extensionRef: { group: 'traefik.io', kind: 'Middleware', name } }] }],
      });
    });

    test('is limited by annotations of ingress-nginx', () => {
      const objects = render('ci/nginx-values.yaml');
      expect(only(objects, 'Ingress').metadata.annotations).toEqual({
        'nginx.ingress.kubernetes.io/limit-rps': '20',
        'nginx.ingress.kubernetes.io/limit-burst-multiplier': '3',
      });
      expect(kindsOf(objects)).not.toContain('Middleware');
    });

    test('lets in what callers need, and neither metrics nor the manager’s page', () => {
      const { rules } = specOf(only(render('ci/nginx-values.yaml'), 'Ingress')) as {
        rules: { host: string; http: { paths: { path: string }[] } }[];
      };
      expect(rules.map(({ host, http }) => [host, http.paths.map((one) => one.path)])).toEqual(
        ['scores.shop.example', 'marks.shop.example'].map((host) => [
          host,
          ['/predict', '/decide', '/outcomes', '/v2'],
        ]),
      );
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
    const { stdout, status } = helm(['template', long, CHART], EVERYTHING, { nameOverride: '', fullnameOverride: '' });
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

function kindsOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ kind }) => kind).toSorted();
}

function selectorOf(component: string, name = 'cleaver'): Record<string, string> {
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': 'shop',
    'app.kubernetes.io/component': component,
  };
}

function specOf({ spec }: KubernetesObject): Record<string, unknown> {
  return spec as Record<string, unknown>;
}

/** The pod of a deployment or job. */
function podOf(spec: Record<string, unknown>): PodSpec {
  return (spec['template'] as { spec: PodSpec }).spec;
}

function podsOf(objects: readonly KubernetesObject[]): PodSpec[] {
  return objects.flatMap((object) => {
    if (object.kind === 'Pod') return [object.spec as PodSpec];
    if (object.kind === 'Deployment') return [podOf(specOf(object))];
    if (object.kind !== 'CronJob') return [];
    return [podOf((specOf(object)['jobTemplate'] as { spec: Record<string, unknown> }).spec)];
  });
}

/** Of the pod's container: values, and where secrets are taken from. */
function variablesOf({ containers: [container] }: PodSpec): Record<string, unknown> {
  return Object.fromEntries((container?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}
