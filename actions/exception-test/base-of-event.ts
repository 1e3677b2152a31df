import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { linesSince } from './run/local-git.ts';

const payload = z.object({
  pull_request: z.object({ base: z.object({ sha: z.string() }) }).optional(),
  before: z
    .string()
    .regex(/[1-9a-f]/)
    .optional(),
});

/** The commit that a pull request or push began at; undefined where the event names none, or the checkout lacks it. */
export async function baseOfEvent(root: string): Promise<string | undefined> {
  const file = process.env['GITHUB_EVENT_PATH'];
  if (file === undefined || file === '') return undefined;
  const parsed = payload.safeParse(JSON.parse(await readFile(file, 'utf8')));
  const base = parsed.data?.pull_request?.base.sha ?? parsed.data?.before;
  return base !== undefined && linesSince(root, base) !== undefined ? base : undefined;
}
