import type { MessageAttachment } from '@slack/types';
import { z } from 'zod';

// Slack counts characters; a UTF-16 unit each is the strictest way to do so.
const field = z.strictObject({
  title: z.string().min(1).max(150),
  value: z.string().min(1).max(2000),
  short: z.boolean().exactOptional(),
});

/**
 * An attachment as Alertmanager makes one, of nothing that Slack's own type does not have. Slack documents limits of blocks: those of
 * a header hold for the title, and those of a section for text and fields; of attachments only the footer's and their number.
 */
const attachment = z.strictObject({
  title: z.string().min(1).max(150),
  title_link: z.url().max(3000).exactOptional(),
  text: z.string().min(1).max(3000).refine(hasWholeLinks, 'a link is cut, or a name is called').exactOptional(),
  fallback: z.string().min(1).max(4000),
  callback_id: z.string().exactOptional(),
  fields: z.array(field).max(10).exactOptional(),
  footer: z.string().max(300).exactOptional(),
  color: z
    .string()
    .regex(/^(?:good|warning|danger|#[0-9a-f]{6})$/)
    .exactOptional(),
  mrkdwn_in: z.array(z.enum(['pretext', 'text', 'fields'])).exactOptional(),
}) satisfies z.ZodType<MessageAttachment>;

const payload = z.strictObject({ attachments: z.array(attachment).length(1) });

/** What Alertmanager posts to Slack. */
export type SlackAttachment = z.infer<typeof attachment>;

/** Where a payload breaks one of Slack's documented limits, in words; nothing when it keeps all. */
export function attachmentLimitsBroken(json: unknown): string[] {
  const parsed = payload.safeParse(json);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** Each `<` begins a link that ends, and none of Slack's commands such as `<!channel>`. */
function hasWholeLinks(text: string): boolean {
  const rest = text.replaceAll(/<https?:\/\/[^\s<>|]+\|[^<>|]+>/g, '');
  return !/[<>]|&(?!amp;|lt;|gt;)/.test(rest);
}
