import type { SlackMessage } from './message.ts';
import { postToSlack } from './post-to-slack.ts';

/** What a webhook's answers mean. */
const HINTS: Readonly<Record<string, string>> = {
  invalid_payload:
    'Slack could not read the message. This is a bug of Cleaver’s: report it with the text in the summary.',
  invalid_blocks:
    'Slack could not read the message. This is a bug of Cleaver’s: report it with the text in the summary.',
  action_prohibited:
    'An administrator of the Slack workspace has forbidden posts like this; ask them, or use another channel.',
  posting_to_general_channel_denied: 'The webhook may not post to #general; make one for another channel.',
  no_service: 'The webhook was removed or switched off, or its URL is incomplete; make a new one and renew the secret.',
  no_team: 'The Slack workspace of the webhook is not there any more; make a webhook in another and renew the secret.',
  invalid_token: 'The URL of the webhook is wrong or out of use; make a new one and renew the secret.',
  channel_not_found:
    'The channel of the webhook is not there any more; make a webhook for another and renew the secret.',
  channel_is_archived: 'The channel of the webhook is archived; bring it back, or make a webhook for another.',
};

/** Posts a message to the channel of a webhook, within `totalMs`. Errors as those of {@link postToSlack}. */
export async function sendToWebhook(url: string, message: SlackMessage, totalMs: number): Promise<void> {
  const otherwise = 'Check the webhook in the settings of the Slack app, and the secret that holds its URL.';
  await postToSlack({ url, hints: HINTS, otherwise }, message, totalMs);
}
