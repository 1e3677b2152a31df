import { describe, expect, test } from 'vitest';
import { NAMESPACE, noHelm, only, render } from './testing/rendered-chart.ts';
import { kindsOf, selectorOf, specOf } from './testing/rendered-pods.ts';

const EVERYTHING = 'ci/everything-values.yaml';
const SMALLEST = 'ci/smallest-values.yaml';

describe.skipIf(noHelm)(`the ways in and out of the chart${noHelm === undefined ? '' : ` (${noHelm})`}`, () => {
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
});
