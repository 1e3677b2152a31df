import { z } from 'zod';
import type { SlackMessage } from './message.ts';
import { parseJson } from './parse-json.ts';
import { type Door, postToSlack, refusal, shortened } from './post-to-slack.ts';

const BUG = 'Slack could not read the message. This is a bug of Cleaver’s: report it with the text in the summary.';
const NEW_TOKEN = 'Install the app in the workspace again, and renew the secret that holds its bot token (xoxb-…).';
const NO_POSTS =
  'An administrator of the Slack workspace has forbidden posts like this; ask them, or use another channel.';

/** What the errors of chat.postMessage mean. */
const HINTS: Readonly<Record<string, string>> = {
  not_in_channel: 'Invite the app into the channel: write `/invite @` and its name there.',
  channel_not_found:
    'No such channel, or a private one without the app: give the channel’s ID (C…, at the end of its details), and invite the app.',
  is_archived: 'The channel is archived; bring it back, or name another.',
  invalid_auth: NEW_TOKEN,
  not_authed: NEW_TOKEN,
  token_revoked: NEW_TOKEN,
  token_expired: NEW_TOKEN,
  account_inactive: NEW_TOKEN,
  not_allowed_token_type: `It is no bot token. ${NEW_TOKEN}`,
  missing_scope: 'Give the app the bot scope chat:write (OAuth & Permissions), and install it again.',
  restricted_action: NO_POSTS,
  restricted_action_read_only_channel: NO_POSTS,
  restricted_action_thread_only_channel: NO_POSTS,
  msg_too_long: BUG,
  msg_blocks_too_long: BUG,
  invalid_blocks: BUG,
  invalid_blocks_format: BUG,
  no_text: BUG,
};
/** The thread is no place to answer in; the channel may be. */
const NO_THREAD = [
  'thread_not_found',
  'invalid_thread_ts',
  'cannot_reply_to_message',
  'restricted_action_thread_locked',
  'restricted_action_non_threadable_channel',
];
/** Errors that pass, as the statuses that they stand for. */
const PASSING: Readonly<Record<string, number>> = {
  ratelimited: 429,
  rate_limited: 429,
  internal_error: 500,
  fatal_error: 500,
  service_unavailable: 503,
};

const answerSchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  ts: z.string().optional(),
  // A thread whose first message was deleted is given up without a word: it is missing here then.
  message: z.object({ thread_ts: z.string().optional() }).optional(),
});

/** A channel as an app reaches it. */
export interface Channel {
  /** https://slack.com/api */
  apiUrl: string;
  /** A bot token with the scope chat:write. */
  token: string;
  channel: string;
}

/** Where in a channel: in the thread of a message (its `ts`), and to all in the channel besides. */
export interface Place {
  thread?: string | undefined;
  broadcast?: boolean;
}

/**
 * Posts a message by chat.postMessage, within `totalMs`; in the channel itself where the thread cannot be answered in.
 * Gives the thread that the message is in or begins. Errors as those of {@link postToSlack}.
 */
export async function sendToChannel(
  { apiUrl, token, channel }: Channel,
  message: SlackMessage,
  { thread, broadcast = false }: Place,
  totalMs: number,
): Promise<string | undefined> {
  const door: Door = {
    url: `${apiUrl.replace(/\/+$/, '')}/chat.postMessage`,
    token,
    hints: {},
    otherwise: 'Check the address of Slack’s API, and any proxy on the way there.',
    statusOf: (text) => PASSING[answerOf(text)?.error ?? ''],
  };
  const begun = performance.now();
  const post = async (place: object) => {
    const left = totalMs - (performance.now() - begun);
    const response = await postToSlack(door, { channel, ...message, ...place }, Math.max(left, 1));
    const text = await response.text();
    return answerOf(text) ?? { ok: false, error: shortened(text) };
  };
  let answer = await post(thread === undefined ? {} : { thread_ts: thread, reply_broadcast: broadcast });
  if (thread !== undefined && NO_THREAD.includes(answer.error ?? '')) answer = await post({});
  if (answer.ok) return answer.message?.thread_ts ?? answer.ts;
  const error = answer.error ?? 'no reason given';
  throw refusal(error, HINTS[error] ?? 'See https://docs.slack.dev/reference/methods/chat.postMessage#errors.');
}

function answerOf(text: string): z.output<typeof answerSchema> | undefined {
  return answerSchema.safeParse(parseJson(text)).data;
}
