import ky, { type HTTPError, isHTTPError, isNetworkError, isTimeoutError } from 'ky';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';
import type { SlackMessage } from './message.ts';

const MAX_TRIES = 5;
/** Of all the time: five tries of 10 s and pauses of 1, 2, 4 and 8 s, for 60 s. */
const TRY_SHARE = 1 / 6;
const FIRST_PAUSE_SHARE = 1 / 60;
const MAX_ANSWER_LENGTH = 200;

/** What Slack's answers mean for the person who set the webhook up. */
const ANSWERS: Readonly<Record<string, string>> = {
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

/**
 * Posts a message. Tries five times within `totalMs`: again after a broken connection, no answer in time, 5xx, and 429
 * when Slack says so. A message may arrive twice when an answer got lost: better than not at all.
 * Errors, none of which names the URL: SLACK_UNREACHABLE, SLACK_REFUSED.
 */
export async function sendToWebhook(url: string, message: SlackMessage, totalMs: number): Promise<void> {
  let tries = 1;
  let before: unknown;
  try {
    await ky.post(url, {
      json: message,
      timeout: totalMs * TRY_SHARE,
      totalTimeout: totalMs,
      // A webhook does not move; the message is for nobody else.
      redirect: 'manual',
      retry: {
        limit: MAX_TRIES - 1,
        methods: ['post'],
        statusCodes: [429, ...Array.from({ length: 100 }, (_, index) => 500 + index)],
        retryOnTimeout: true,
        delay: (attempt) => totalMs * FIRST_PAUSE_SHARE * 2 ** (attempt - 1),
        // Slack asks for more patience than there is: do not sit it out.
        shouldRetry: ({ error }) => (waitOf(error) * 1000 < totalMs ? undefined : false),
      },
      hooks: {
        beforeRetry: [
          ({ error }) => {
            tries += 1;
            before = error;
          },
        ],
      },
    });
  } catch (error) {
    throw failureOf(error, before, tries, totalMs);
  }
}

/** Seconds that Slack asks to wait. */
function waitOf(error: unknown): number {
  return isHTTPError(error) ? Number(error.response.headers.get('retry-after') ?? 0) || 0 : 0;
}

/** What went wrong, in words. Errors of ky carry the URL in message and request: neither is handed on. */
function failureOf(thrown: unknown, before: unknown, tries: number, totalMs: number): CleaverError {
  // When the time is over, the failure before says more.
  const error = isTimeoutError(thrown) && before !== undefined ? before : thrown;
  const after = `after ${tries === 1 ? 'one try' : `${tries} tries`}`;
  const unreachable = (
    what: string,
    hint = 'See https://slack-status.com, then run the job again if you want the message.',
    cause?: unknown,
  ) => new CleaverError('SLACK_UNREACHABLE', `The message was not sent, ${after}: ${what}.`, { hint, cause });
  if (isHTTPError(error)) {
    const { status } = error.response;
    const wait = waitOf(error);
    if (status === 429)
      return unreachable(
        `Slack takes no more messages for now (429${wait > 0 ? `, wait ${wait} s` : ''})`,
        'Send fewer messages to this webhook: Slack takes about one a second.',
      );
    if (status >= 500) return unreachable(`Slack has a fault of its own (${status})`);
    return refusalOf(error, status);
  }
  if (isTimeoutError(error))
    return unreachable(
      `no answer from Slack within ${totalMs / 1000} s`,
      'Can the runner reach hooks.slack.com (network, proxy, firewall)?',
    );
  if (isNetworkError(error))
    return unreachable(
      'no connection to Slack',
      'Can the runner reach hooks.slack.com (network, proxy, firewall)?',
      error.cause,
    );
  return unreachable(messageOf(error));
}

function refusalOf(error: HTTPError, status: number): CleaverError {
  const answer = answerOf(error.data);
  const meaning =
    status >= 300 && status < 400
      ? 'The URL leads somewhere else; only the webhook’s own URL is used.'
      : ANSWERS[answer];
  return new CleaverError('SLACK_REFUSED', `Slack refused the message: ${status} ${answer}`.trim() + '.', {
    hint: meaning ?? 'Check the webhook in the settings of the Slack app, and the secret that holds its URL.',
  });
}

/** `invalid_payload`, or the beginning of whatever else was answered. */
function answerOf(data: unknown): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data ?? '');
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_ANSWER_LENGTH);
}
