import { z } from 'zod';

const probe = z.object({
  httpGet: z.object({ path: z.string().default('/'), port: z.union([z.number(), z.string()]) }).optional(),
});

const state = z.object({
  waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
  terminated: z.object({ reason: z.string().default(''), exitCode: z.number() }).optional(),
});

/** What we read of a pod; Kubernetes leaves out what is empty. */
const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    ownerReferences: z.array(z.object({ kind: z.string() })).default([]),
  }),
  spec: z.object({
    containers: z.array(
      z.object({
        name: z.string(),
        image: z.string().default(''),
        ports: z.array(z.object({ name: z.string().optional(), containerPort: z.number() })).default([]),
        readinessProbe: probe.optional(),
        resources: z.object({ limits: z.object({ memory: z.string().optional() }).optional() }).optional(),
      }),
    ),
  }),
  status: z
    .object({
      phase: z.string().default(''),
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().default(''),
            message: z.string().default(''),
          }),
        )
        .default([]),
      containerStatuses: z
        .array(
          z.object({
            name: z.string(),
            restartCount: z.number().default(0),
            state: state.optional(),
            lastState: state.optional(),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

export type Pod = z.output<typeof podSchema>;

/** The pods that serve in `kubectl get pods --output json`: no tests, no jobs, nothing that is on its way out. */
export function parsePods(text: string): Pod[] {
  const { items } = z.object({ items: z.array(podSchema) }).parse(JSON.parse(text));
  return items.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.ownerReferences.some(({ kind }) => kind === 'ReplicaSet' || kind === 'StatefulSet'),
  );
}

export function isReady({ status }: Pod): boolean {
  return status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
}

export function restartsOf({ status }: Pod): number {
  return status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** The memory that all containers may use together; undefined where one has no limit. */
export function memoryLimitOf({ spec }: Pod): number | undefined {
  const limits = spec.containers.map(({ resources }) => bytesOf(resources?.limits?.memory ?? ''));
  return limits.some(Number.isNaN) ? undefined : limits.reduce((sum, bytes) => sum + bytes, 0);
}

/** Where a pod says whether it is ready, and why not. */
export function readinessOf({ spec }: Pod): { path: string; port: number } | undefined {
  for (const { readinessProbe, ports } of spec.containers) {
    const { path, port } = readinessProbe?.httpGet ?? {};
    if (path === undefined) continue;
    const number = typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort;
    if (number !== undefined) return { path, port: number };
  }
  return undefined;
}

const FACTORS: Record<string, number> = {
  ...{ '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** A quantity of Kubernetes in bytes, e.g. 256Mi; NaN for what is none. */
function bytesOf(quantity: string): number {
  const [, number, unit = ''] = /^([\d.]+)([kKMGT]i?)?$/.exec(quantity) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (FACTORS[unit] ?? Number.NaN);
}
