import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CleaverError } from '../../pipelines/core/errors.ts';
import { startSlackServer } from '../../tests/support/slack-server.ts';
import type { SlackMessage } from './message.ts';
import { sendToWebhook } from './webhook.ts';

const MESSAGE: SlackMessage = { text: 'hello', blocks: [{ type: 'divider' }] };
/** Pauses of 50, 100, 200 and 400 ms, half a second for each try. */
const BRIEF_MS = 3000;

/** What comes of a message that is not sent. Nothing of it names the webhook. */
async function failure(url: string, totalMs = BRIEF_MS): Promise<CleaverError> {
  const error = await sendToWebhook(url, MESSAGE, totalMs).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('aSecretOfTwentyFour00000');
  return error as CleaverError;
}

describe('a message', () => {
  test('arrives as it is', async () => {
    const slack = await startSlackServer();
    await sendToWebhook(slack.url, MESSAGE, BRIEF_MS);
    expect(slack.payloads).toEqual([MESSAGE]);
  });

  test.for([
    ['a fault of Slack’s', { status: 500 }],
    ['one that passes a proxy', { status: 502 }],
    ['a broken connection', 'close'],
    ['no answer', 'hang'],
    ['too many messages', { status: 429, headers: { 'retry-after': '0' } }],
  ] as const)('is sent again after %s', async ([, answer]) => {
    const slack = await startSlackServer();
    slack.answerNext(answer);
    await sendToWebhook(slack.url, MESSAGE, BRIEF_MS);
    expect(slack.payloads.slice(0, 2)).toEqual([MESSAGE, MESSAGE]);
  });

  test('is given up after five tries', async () => {
    const slack = await startSlackServer();
    slack.answerNext({ status: 503 }, 9);
    const { code, message } = await failure(slack.url);
    expect(slack.payloads).toHaveLength(5);
    expect(code).toBe('SLACK_UNREACHABLE');
    expect(message).toBe('The message was not sent, after 5 tries: Slack has a fault of its own (503).');
  });

  test('is given up at once when Slack wants more time than there is', async () => {
    const slack = await startSlackServer();
    slack.answerNext({ status: 429, headers: { 'retry-after': '600' } });
    const { code, message } = await failure(slack.url, 60_000);
    expect(slack.payloads).toHaveLength(1);
    expect([code, message]).toEqual([
      'SLACK_UNREACHABLE',
      'The message was not sent, after one try: Slack takes no more messages for now (429, wait 600 s).',
    ]);
  });

  test('waits as long as Slack says, and when the time is over the last fault is told', async () => {
    const slack = await startSlackServer();
    slack.answerNext({ status: 429, headers: { 'retry-after': '1' } }, 9);
    const { code, message } = await failure(slack.url, 1900);
    // With pauses of our own there were five.
    expect(slack.payloads.length).toBeLessThan(3);
    expect(code).toBe('SLACK_UNREACHABLE');
    expect(message).toContain('Slack takes no more messages for now (429, wait 1 s)');
  });

  test('that is never answered ends with the time', async () => {
    const slack = await startSlackServer();
    slack.answerNext('hang', 9);
    const { code, message } = await failure(slack.url, 600);
    expect(code).toBe('SLACK_UNREACHABLE');
    expect(message).toContain('no answer from Slack within 0.6 s');
  });

  test('to a closed port says why there is no connection', async () => {
    const slack = await startSlackServer();
    await slack.close();
    const { code, message, cause } = await failure(slack.url);
    expect([code, message]).toEqual([
      'SLACK_UNREACHABLE',
      'The message was not sent, after 5 tries: no connection to Slack.',
    ]);
    expect(inspect(cause)).toContain('ECONNREFUSED');
  });

  test.for([
    [400, 'invalid_payload', 'bug of Cleaver'],
    [403, 'action_prohibited', 'administrator'],
    [404, 'no_service', 'renew the secret'],
    [404, 'no_team', 'renew the secret'],
    [410, 'channel_is_archived', 'archived'],
    [418, 'something new', 'Check the webhook'],
  ] as const)(
    'that is refused with %i %s is not sent again, and what it means is said',
    async ([status, body, meaning]) => {
      const slack = await startSlackServer();
      slack.answerNext({ status, body });
      const { code, message, hint } = await failure(slack.url);
      expect(slack.payloads).toHaveLength(1);
      expect([code, message]).toEqual(['SLACK_REFUSED', `Slack refused the message: ${status} ${body}.`]);
      expect(hint).toContain(meaning);
    },
  );

  test('is not taken somewhere else', async () => {
    const slack = await startSlackServer();
    const elsewhere = await startSlackServer();
    for (const status of [301, 302, 307, 308]) {
      slack.answerNext({ status, headers: { location: elsewhere.url } });
      const { code, hint } = await failure(slack.url);
      expect([code, elsewhere.payloads]).toEqual(['SLACK_REFUSED', []]);
      expect(hint).toContain('leads somewhere else');
    }
  });
});
