import { z } from 'zod';

/** Strings as Kubernetes wants them, and pieces of its objects that values hand through. Where `empty` may be, nothing is meant. */
const NAME = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';

export const name = z.string().regex(new RegExp(`^${NAME}$`));
export const nameOrEmpty = z.string().regex(new RegExp(`^(${NAME})?$`));
/** The key of a secret, which is a file's name too. */
export const secretKey = z.string().regex(/^[-._a-zA-Z0-9]+$/);
export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);
export const host = z.string().regex(/^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
export const port = z.int().min(1).max(65_535);
/** Ports that a user other than root may open. */
export const highPort = z.int().min(1024).max(65_535);
export const text = z.record(z.string(), z.string());

const memory = z.string().regex(/^[1-9][0-9]*(Ki|Mi|Gi|Ti|k|M|G|T)$/);
const cpu = z.union([z.number().positive(), z.string().regex(/^[0-9]+(\.[0-9]+)?$|^[1-9][0-9]*m$/)]);

/** How much of a disk. */
export const size = memory;
/** A duration as Prometheus writes it. */
export const duration = z.string().regex(/^[1-9][0-9]*(ms|s|m|h)$/);

const amounts = z.strictObject({
  cpu: cpu.optional(),
  memory: memory.optional(),
  'ephemeral-storage': memory.optional(),
});

export const resources = z.strictObject({ requests: amounts.optional(), limits: amounts.optional() });

const selector = z.strictObject({
  matchLabels: text.optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

export const peers = z.array(
  z.strictObject({
    podSelector: selector.optional(),
    namespaceSelector: selector.optional(),
    ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
  }),
);

export const egress = z.array(
  z.strictObject({
    to: peers.optional(),
    ports: z
      .array(
        z.strictObject({
          port: z.union([port, z.string()]).optional(),
          endPort: port.optional(),
          protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
        }),
      )
      .optional(),
  }),
);

export const tolerations = z.array(
  z.strictObject({
    key: z.string().optional(),
    operator: z.enum(['Exists', 'Equal']).optional(),
    value: z.string().optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.int().optional(),
  }),
);
