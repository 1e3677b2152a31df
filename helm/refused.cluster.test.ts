import { describe, expect, test } from 'vitest';
import { IMAGE, noHelm, template } from './testing/rendered-chart.ts';

/** What is said to the chart, and what it has to tell: the value's name first, then what is wrong with it. */
const BY_SCHEMA: [object, string, string][] = [
  [{ replicaCount: 3 }, '', "additional properties 'replicaCount' not allowed"],
  [{ replicas: '3' }, '/replicas', 'got string, want integer'],
  [{ replicas: -1 }, '/replicas', 'minimum: got -1, want 0'],
  [{ replicas: 1.5 }, '/replicas', 'got number, want integer'],
  [{ image: 'ghcr.io/owner/cleaver' }, '/image', 'got string, want object'],
  [{ image: { digest: 'latest' } }, '/image/digest', "'latest' does not match pattern '^(sha256:[0-9a-f]{64})?$'"],
  [{ image: { repository: 'https://ghcr.io/a' } }, '/image/repository', "'https://ghcr.io/a' does not match pattern"],
  [{ image: { pullPolicy: 'always' } }, '/image/pullPolicy', "value must be one of 'IfNotPresent', 'Always', 'Never'"],
  [{ settings: { CLEAVER_LOG_LEVL: 'info' } }, '/settings', "additional properties 'CLEAVER_LOG_LEVL' not allowed"],
  [{ settings: { PORT: 9000 } }, '/settings', "additional properties 'PORT' not allowed"],
  [{ settings: { CLEAVER_LOG_LEVEL: 'loud' } }, '/settings/CLEAVER_LOG_LEVEL', 'value must be one of'],
  [{ settings: { CLEAVER_MAX_ROWS: 0 } }, '/settings/CLEAVER_MAX_ROWS', 'minimum: got 0, want 1'],
  [{ settings: { CLEAVER_LINGER_MS: '8s' } }, '/settings/CLEAVER_LINGER_MS', 'got string, want integer'],
  [{ settings: { CLEAVER_SHADOW: 1.5 } }, '/settings/CLEAVER_SHADOW', 'maximum: got 1.5, want 1'],
  [{ settings: { CLEAVER_SHADOW: '10%' } }, '/settings/CLEAVER_SHADOW', "'10%' does not match pattern"],
  [{ resources: { limits: { memory: '512 MB' } } }, '/resources/limits/memory', "'512 MB' does not match pattern"],
  [{ resources: { limit: { memory: '512Mi' } } }, '/resources', "additional properties 'limit' not allowed"],
  [{ user: { id: 0 } }, '/user/id', 'minimum: got 0, want 1'],
  [{ probes: { liveness: { periodSeconds: 0 } } }, '/probes/liveness/periodSeconds', 'minimum: got 0, want 1'],
  [{ autoscaling: { enabled: 'yes' } }, '/autoscaling/enabled', 'got string, want boolean'],
  [{ spread: { whenUnsatisfiable: 'Never' } }, '/spread/whenUnsatisfiable', "value must be one of 'auto'"],
  [{ service: { type: 'nodePort' } }, '/service/type', "value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'"],
  [{ route: { hosts: 'shop.example' } }, '/route/hosts', 'got string, want array'],
  [{ route: { hosts: ['https://shop.example'] } }, '/route/hosts/0', "'https://shop.example' does not match pattern"],
  [{ metrics: { port: 80 } }, '/metrics/port', 'minimum: got 80, want 1,024'],
  [{ networkPolicy: { from: [{ namespace: 'x' }] } }, '/networkPolicy/from/0', "additional properties 'namespace'"],
  [{ watch: { repository: 'models' } }, '/watch/repository', "'models' does not match pattern"],
  [{ watch: { schedule: 'hourly' } }, '/watch/schedule', "'hourly' does not match pattern"],
  [{ secretVariables: [{ name: 'A' }] }, '/secretVariables/0', "missing properties 'secret', 'key'"],
  [{ state: { claim: 'state' } }, '/state', "additional properties 'claim' not allowed"],
];

const BY_CHECKS: [object, string][] = [
  [{ image: { repository: '' } }, 'image.repository is empty: name the image, such as ghcr.io/OWNER/cleaver.'],
  [
    { autoscaling: { enabled: true, minReplicas: 7 } },
    'autoscaling.minReplicas (7) is more than autoscaling.maxReplicas (6).',
  ],
  [
    { autoscaling: { enabled: true }, resources: { requests: { cpu: null } } },
    'autoscaling.enabled needs resources.requests.cpu',
  ],
  [{ watch: { repository: 'shop/models' } }, 'watch.repository is named but watch.existingSecret is not'],
  [{ watch: { existingSecret: 'github' } }, 'watch.existingSecret is named but watch.repository is not'],
  [{ service: { nodePort: 30080 } }, 'service.nodePort is 30080 but service.type is ClusterIP'],
  [{ route: { kind: 'HTTPRoute' } }, 'route.kind is HTTPRoute but route.parentRefs is empty'],
  [{ route: { tls: { clusterIssuer: 'letsencrypt' } } }, 'route.tls.clusterIssuer is named but route.tls.secretName'],
  [
    { route: { kind: 'Ingress', controller: 'other' } },
    'route.rateLimit.perSecond is 50, but there is no way known to limit an Ingress of the controller other',
  ],
  [
    { route: { kind: 'HTTPRoute', controller: 'nginx', parentRefs: [{ name: 'gateway' }] } },
    'there is no way known to limit an HTTPRoute of the controller nginx',
  ],
  [{ settings: { CLEAVER_SHADOW: 0.1 } }, 'settings.CLEAVER_SHADOW needs settings.CLEAVER_SERVE'],
  [{ settings: { CLEAVER_CANARY: 0.1 } }, 'settings.CLEAVER_CANARY needs settings.CLEAVER_SERVE'],
];

describe.skipIf(noHelm)(`wrong values are refused${noHelm === undefined ? '' : ` (${noHelm})`}`, () => {
  test.each(BY_SCHEMA)('%j is told to be wrong at %s', (values, place, why) => {
    const { status, stdout, stderr } = template('shop', IMAGE, values);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`at '${place}': ${why}`);
  });

  test.each(BY_CHECKS)('%j: %s', (values, why) => {
    const { status, stdout, stderr } = template('shop', IMAGE, values);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(why);
  });

  test('all that is wrong is told at once', () => {
    const { stderr } = template('shop', IMAGE, { watch: { repository: 'shop/models' }, service: { nodePort: 30_080 } });
    expect(stderr).toContain('watch.existingSecret');
    expect(stderr).toContain('service.nodePort');
    expect(template('shop', IMAGE, { replicas: 'x', metrics: { port: 'y' } }).stderr).toMatch(
      /'\/replicas'[\s\S]*'\/metrics\/port'|'\/metrics\/port'[\s\S]*'\/replicas'/,
    );
  });
});
