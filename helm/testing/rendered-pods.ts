import type { KubernetesObject } from './rendered-chart.ts';

/** A pod as far as the tests look into it. */
export interface PodSpec {
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  securityContext: object;
  terminationGracePeriodSeconds: number;
  topologySpreadConstraints: Record<string, unknown>[];
  containers: Container[];
  volumes?: ({ name: string } & Record<string, unknown>)[];
}

/** The one container that each pod has. */
export interface Container {
  image: string;
  args: string[];
  env: { name: string; value?: string; valueFrom?: object }[];
  resources: { requests: object; limits: object };
  securityContext: object;
  ports: { name: string; containerPort: number }[];
  volumeMounts: object[];
  lifecycle?: object;
}

/** The kinds of objects, as often as they are there. */
export function kindsOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ kind }) => kind).toSorted();
}

/** How a component of the release `shop` is selected. */
export function selectorOf(component: string, name = 'cleaver'): Record<string, string> {
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': 'shop',
    'app.kubernetes.io/component': component,
  };
}

/** What stands under `spec`. */
export function specOf({ spec }: KubernetesObject): Record<string, unknown> {
  return spec as Record<string, unknown>;
}

/** The pod of a deployment or job. */
export function podOf(spec: Record<string, unknown>): PodSpec {
  return (spec['template'] as { spec: PodSpec }).spec;
}

/** Every pod that objects are or make. */
export function podsOf(objects: readonly KubernetesObject[]): PodSpec[] {
  return objects.flatMap((object) => {
    if (object.kind === 'Pod') return [object.spec as PodSpec];
    if (object.kind === 'Deployment') return [podOf(specOf(object))];
    if (object.kind !== 'CronJob') return [];
    return [podOf((specOf(object)['jobTemplate'] as { spec: Record<string, unknown> }).spec)];
  });
}

/** Of the pod's container: values, and where secrets are taken from. */
export function variablesOf({ containers: [container] }: PodSpec): Record<string, unknown> {
  return Object.fromEntries((container?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}
