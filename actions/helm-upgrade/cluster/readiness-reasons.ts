import { z } from 'zod';

const answerSchema = z.object({ reasons: z.array(z.string()) });

/** The `reasons` in an answer of /readyz, for people; empty where there are none. */
export function readinessReasons(body: string): string {
  try {
    return answerSchema.parse(JSON.parse(body)).reasons.join('; ');
  } catch {
    return '';
  }
}
