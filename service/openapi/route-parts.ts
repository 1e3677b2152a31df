import { z } from 'zod';
import type { Scope } from '../access/api-keys.ts';

/** The codes that a bad request about rows is refused with. */
export const ROWS = [
  'REQUEST_INVALID',
  'FEATURE_MISSING',
  'FEATURE_UNKNOWN',
  'FEATURE_OUT_OF_RANGE',
  'BODY_TOO_LARGE',
] as const;

/** The codes of requests that could be right another time, or for another model. */
export const SERVED = [
  'MODEL_UNKNOWN',
  'CHAMPION_MISSING',
  'MODEL_FILE_INVALID',
  'REGISTRY_CORRUPT',
  'OVERLOADED',
  'DEADLINE_EXCEEDED',
  'RECORD_UNAVAILABLE',
] as const;

/** The codes of requests to a service that asks for API keys. */
export const KEYS = ['API_KEY_MISSING', 'API_KEY_UNKNOWN', 'API_KEY_FORBIDDEN'] as const;

/** A key with the scope is asked for, where the service has keys at all. */
export function keyFor(scope: Scope): Record<string, string[]>[] {
  return [{ bearer: [scope] }, { apiKey: [scope] }];
}

/** Node's own answer. */
export const TOO_SLOW = {
  description: 'The request did not come whole in time; the connection is closed. There is no body.',
} as const;

export const modelParameters = z.object({
  model: z.string().meta({ description: 'A model that is served.', example: 'shop' }),
});

/** A body of JSON, of which `example` is one. */
export function json<Schema extends z.ZodType>(
  schema: Schema,
  example?: z.input<Schema>,
): { 'application/json': { schema: Schema; example?: z.input<Schema> } } {
  return { 'application/json': example === undefined ? { schema } : { schema, example } };
}
