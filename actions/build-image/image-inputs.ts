import { z } from 'zod';

/** What the action is told, see action.yml. */
export const imageInputs = z.object({
  image: z
    .string()
    .toLowerCase()
    .regex(
      /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9.-]+:\d+)(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
      'must be a registry and a name without tag, e.g. ghcr.io/owner/shop',
    ),
  tag: z
    .string()
    .regex(/^\w[\w.-]{0,127}$/, 'must be letters, digits, dots and dashes, 128 at most')
    .optional(),
  models: z
    .enum(['champion', 'champion,challenger', 'none'], 'must be champion or champion,challenger or none')
    .default('champion'),
  push: onOff('true'),
  'plain-http': onOff('false'),
  username: z.string().optional(),
  password: z.string().optional(),
  'signing-key': z.string().optional(),
  'signing-password': z.string().optional(),
  sbom: z.string().optional(),
  previous: z
    .string()
    .regex(/^(\w[\w.-]{0,127}|sha256:[0-9a-f]{64})$/, 'must be a tag or a digest')
    .optional(),
  'base-image': z
    .string()
    .regex(/^[\w][\w./:@-]*$/, 'must be the name of an image')
    .optional(),
});

export type ImageInputs = z.output<typeof imageInputs>;

function onOff(preset: 'true' | 'false') {
  return z
    .enum(['true', 'false'], 'must be true or false')
    .transform((text) => text === 'true')
    .prefault(preset);
}
