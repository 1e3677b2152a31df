import { z } from 'zod';
import * as shape from './kubernetes-shapes.ts';
import { settings } from './settings-schema.ts';

const { name, nameOrEmpty, secretKey } = shape;
const flag = z.boolean();
const seconds = z.int().min(1).max(3600);
const count = z.int().min(1).max(1000);
const probe = z.strictObject({ periodSeconds: seconds, timeoutSeconds: seconds, failureThreshold: count });
const secret = { existingSecret: nameOrEmpty, key: secretKey };

const image = z.strictObject({
  repository: z.string().regex(/^([a-z0-9][-a-z0-9.]*(:[0-9]+)?(\/[a-z0-9][-a-z0-9._]*)*)?$/),
  digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/),
  tag: z.string().regex(/^([A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?$/),
  pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']),
});

const route = z.strictObject({
  kind: z.enum(['none', 'Ingress', 'HTTPRoute']),
  controller: z.enum(['traefik', 'nginx', 'other']),
  controllerNamespace: name,
  className: nameOrEmpty,
  parentRefs: z.array(
    z.strictObject({
      name,
      namespace: name.optional(),
      sectionName: name.optional(),
      port: shape.port.optional(),
    }),
  ),
  hosts: z.array(shape.host),
  paths: z.array(z.string().regex(/^\/[-\w./]*$/)).min(1),
  annotations: shape.text,
  tls: z.strictObject({ secretName: nameOrEmpty, clusterIssuer: nameOrEmpty }),
  rateLimit: z.strictObject({
    perSecond: z.int().min(0).max(1_000_000),
    burst: z.int().min(1).max(1_000_000),
    forwardedDepth: z.int().min(0).max(10),
  }),
});

const watch = z.strictObject({
  repository: z.string().regex(/^([\w.-]+\/[\w.-]+)?$/),
  ...secret,
  apiUrl: z.string().regex(/^https?:\/\/\S+$/),
  schedule: z.string().regex(/^(\S+\s+){4}\S+$/),
  timeZone: z.string().regex(/^[A-Za-z][-+\w/]*$/),
  deadlineSeconds: z.int().min(10).max(86_400),
  resources: shape.resources,
});

/** Everything that may be said to the chart; helm/cleaver/values.yaml has the defaults and what each is. */
export const chartValues = z.strictObject({
  nameOverride: nameOrEmpty,
  fullnameOverride: nameOrEmpty,
  replicas: z.int().min(0).max(1000),
  image,
  imagePullSecrets: z.array(z.strictObject({ name })),
  settings,
  apiKeys: z.strictObject(secret),
  database: z.strictObject({
    ...secret,
    variable: shape.variableName,
    inService: flag,
    port: shape.port,
    peers: shape.peers,
  }),
  secretVariables: z.array(z.strictObject({ name: shape.variableName, secret: name, key: secretKey })),
  state: z.strictObject({ existingClaim: nameOrEmpty, shared: flag, predictionsSize: shape.size }),
  resources: shape.resources,
  user: z.strictObject({ id: z.int().min(1), group: z.int().min(1) }),
  probes: z.strictObject({
    startup: z.strictObject({ failureThreshold: count }),
    readiness: probe,
    liveness: probe,
  }),
  rollout: z.strictObject({
    minReadySeconds: z.int().min(0).max(3600),
    progressDeadlineSeconds: z.int().min(10).max(7200),
    revisionHistoryLimit: z.int().min(1).max(100),
  }),
  autoscaling: z.strictObject({
    enabled: flag,
    minReplicas: count,
    maxReplicas: count,
    targetCPUUtilizationPercentage: z.int().min(1).max(1000),
    scaleDownSeconds: z.int().min(0).max(3600),
  }),
  disruptionBudget: z.strictObject({
    enabled: flag,
    maxUnavailable: z.union([z.int().min(1), z.string().regex(/^([1-9][0-9]?|100)%$/)]),
  }),
  spread: z.strictObject({ whenUnsatisfiable: z.enum(['auto', 'DoNotSchedule', 'ScheduleAnyway']) }),
  nodeSelector: shape.text,
  tolerations: shape.tolerations,
  priorityClassName: nameOrEmpty,
  podLabels: shape.text,
  podAnnotations: shape.text,
  service: z.strictObject({
    type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']),
    port: shape.port,
    nodePort: z.int().min(0).max(65_535),
    externalTrafficPolicy: z.enum(['Cluster', 'Local']),
    annotations: shape.text,
  }),
  route,
  metrics: z.strictObject({
    port: shape.highPort,
    annotations: flag,
    serviceMonitor: z.strictObject({ enabled: flag, interval: shape.duration, labels: shape.text }),
  }),
  networkPolicy: z.strictObject({
    enabled: flag,
    from: shape.peers,
    monitoringNamespace: name,
    serviceEgress: shape.egress,
    watchEgress: shape.egress,
  }),
  watch,
  test: z.strictObject(secret),
});
