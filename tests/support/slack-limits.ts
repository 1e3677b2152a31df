import { z } from 'zod';

/** Slack counts characters; a UTF-16 unit each is the strictest way to do so. */
const textOf = (max: number) =>
  z.looseObject({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string().min(1).max(max) });

/** The limits in Slack's reference of blocks, of the blocks that we use. */
const block = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('header'), text: textOf(150).extend({ type: z.literal('plain_text') }) }),
  z
    .looseObject({
      type: z.literal('section'),
      text: textOf(3000).optional(),
      fields: z.array(textOf(2000)).min(1).max(10).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'a section needs a text or fields'),
  z.looseObject({ type: z.literal('context'), elements: z.array(textOf(3000)).min(1).max(10) }),
  z.looseObject({ type: z.literal('divider') }),
]);

/** Slack refuses a text over 40,000 and recommends 4,000. */
const payload = z.looseObject({ text: z.string().min(1).max(4000), blocks: z.array(block).min(1).max(50) });

/** Where a payload breaks one of Slack's documented limits, in words; nothing when it keeps all. */
export function limitsBroken(json: unknown): string[] {
  const parsed = payload.safeParse(json);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
