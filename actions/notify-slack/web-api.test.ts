import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CleaverError } from '../../pipelines/core/errors.ts';
import { apiAnswer, SLACK_CHANNEL, SLACK_TOKEN, startSlackServer } from '../../tests/support/slack-server.ts';
import type { SlackMessage } from './message.ts';
import { type Channel, type Place, sendToChannel } from './web-api.ts';

const MESSAGE: SlackMessage = { text: 'hello', blocks: [{ type: 'divider' }] };
/** Pauses of 50, 100, 200 and 400 ms, half a second for each try. */
const BRIEF_MS = 3000;

async function channelOfNewSlack() {
  const slack = await startSlackServer();
  const channel: Channel = { apiUrl: slack.apiUrl, token: SLACK_TOKEN, channel: SLACK_CHANNEL };
  const send = (place: Place = {}, to = channel) => sendToChannel(to, MESSAGE, place, BRIEF_MS);
  /** What comes of a message that is not sent. Nothing of it names the token. */
  const failure = async (place?: Place, to?: Channel): Promise<CleaverError> => {
    const error = await send(place, to).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SLACK_TOKEN);
    return error as CleaverError;
  };
  return { slack, channel, send, failure };
}

describe('a message by the Web API', () => {
  test('begins a thread, and the next ones answer in it', async () => {
    const { slack, send } = await channelOfNewSlack();
    const thread = await send();
    expect(thread).toBe('1700000000.000001');
    expect(await send({ thread })).toBe(thread);
    expect(await send({ thread, broadcast: true })).toBe(thread);
    expect(slack.payloads).toEqual([MESSAGE, MESSAGE, MESSAGE]);
    expect(slack.places).toEqual([
      { channel: SLACK_CHANNEL },
      { channel: SLACK_CHANNEL, thread_ts: thread, reply_broadcast: false },
      { channel: SLACK_CHANNEL, thread_ts: thread, reply_broadcast: true },
    ]);
  });

  test.for(['1700000000.000099', 'not a thread'])('goes to the channel where the thread is %s', async (thread) => {
    const { slack, send } = await channelOfNewSlack();
    expect(await send({ thread, broadcast: true })).toBe('1700000000.000002');
    expect(slack.places[1]).toEqual({ channel: SLACK_CHANNEL });
  });

  test('begins a new thread where Slack gave up the old one without a word', async () => {
    const { slack, send } = await channelOfNewSlack();
    slack.answerNext(apiAnswer({ ok: true, ts: '1700000000.000005', message: { text: 'hello' } }));
    expect(await send({ thread: '1700000000.000001' })).toBe('1700000000.000005');
    expect(slack.places).toHaveLength(1);
  });

  test('has one try more for the channel, and no third', async () => {
    const { slack, failure } = await channelOfNewSlack();
    slack.answerNext(apiAnswer({ ok: false, error: 'thread_not_found' }), 9);
    const { code, message } = await failure({ thread: '1700000000.000001' });
    expect([code, message]).toEqual(['SLACK_REFUSED', 'Slack refused the message: thread_not_found.']);
    expect(slack.places).toHaveLength(2);
  });

  test.for([
    ['too many messages', { ...apiAnswer({ ok: false, error: 'ratelimited' }), status: 429 }],
    ['too many messages, told with 200', apiAnswer({ ok: false, error: 'rate_limited' })],
    ['a fault of Slack’s', { status: 503 }],
    ['a fault of Slack’s, told with 200', apiAnswer({ ok: false, error: 'internal_error' })],
    ['a broken connection', 'close'],
    ['no answer', 'hang'],
  ] as const)('is sent again after %s', async ([, answer]) => {
    const { slack, send } = await channelOfNewSlack();
    slack.answerNext(answer);
    expect(await send()).toBe('1700000000.000002');
  });

  test('waits as long as Slack says, and is given up at once where that is too long', async () => {
    const { slack, failure } = await channelOfNewSlack();
    slack.answerNext({
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '600' },
      body: JSON.stringify({ ok: false, error: 'ratelimited' }),
    });
    const { code, message } = await failure();
    expect([code, message]).toEqual([
      'SLACK_UNREACHABLE',
      'The message was not sent, after one try: Slack takes no more messages for now (429, wait 600 s).',
    ]);
    expect(slack.places).toHaveLength(1);
  });

  test('is given up after five tries, though each was answered with 200', async () => {
    const { slack, failure } = await channelOfNewSlack();
    slack.answerNext(apiAnswer({ ok: false, error: 'service_unavailable' }), 9);
    const { code, message } = await failure();
    expect(slack.places).toHaveLength(5);
    expect([code, message]).toEqual([
      'SLACK_UNREACHABLE',
      'The message was not sent, after 5 tries: Slack has a fault of its own (503).',
    ]);
  });

  test.for([
    ['not_in_channel', '/invite'],
    ['channel_not_found', 'ID'],
    ['is_archived', 'archived'],
    ['invalid_auth', 'renew the secret'],
    ['token_revoked', 'renew the secret'],
    ['not_allowed_token_type', 'no bot token'],
    ['missing_scope', 'chat:write'],
    ['restricted_action', 'administrator'],
    ['msg_too_long', 'bug of Cleaver'],
    ['msg_blocks_too_long', 'bug of Cleaver'],
    ['something_new', 'chat.postMessage#errors'],
  ] as const)('that is refused with %s is not sent again, and what it means is said', async ([error, meaning]) => {
    const { slack, failure } = await channelOfNewSlack();
    slack.answerNext(apiAnswer({ ok: false, error }));
    const { code, message, hint } = await failure({ thread: '1700000000.000001' });
    expect(slack.places).toHaveLength(1);
    expect([code, message]).toEqual(['SLACK_REFUSED', `Slack refused the message: ${error}.`]);
    expect(hint).toContain(meaning);
  });

  test('with a wrong token, or for a channel that is not there, is refused', async () => {
    const { channel, failure } = await channelOfNewSlack();
    expect((await failure({}, { ...channel, token: 'another' })).message).toContain('invalid_auth');
    expect((await failure({}, { ...channel, channel: '#elsewhere' })).message).toContain('channel_not_found');
  });

  test.for([
    ['a page', { status: 200, body: '<h1>Log in to the\n proxy</h1>' }, '<h1>Log in to the proxy</h1>'],
    ['another JSON', apiAnswer({ fine: true }), '{"fine":true}'],
    ['no reason', apiAnswer({ ok: false }), 'no reason given'],
    ['another address’s 404', { status: 404, body: 'not here' }, '404 not here'],
  ] as const)('that is answered with %s is not sent', async ([, answer, said]) => {
    const { slack, failure } = await channelOfNewSlack();
    slack.answerNext(answer);
    const { code, message } = await failure();
    expect([code, message]).toEqual(['SLACK_REFUSED', `Slack refused the message: ${said}.`]);
  });

  test.for([
    ['stall', 'no answer from Slack within 0.6 s'],
    ['break', 'The message was not sent, after'],
  ] as const)(
    'of which half an answer comes (%s) may have been taken, and ends with the time',
    async ([answer, said]) => {
      const { slack, channel } = await channelOfNewSlack();
      slack.answerNext(answer, 9);
      const sent = sendToChannel(channel, MESSAGE, {}, 600);
      await expect(sent).rejects.toThrow(said);
      await expect(sent).rejects.toHaveProperty('code', 'SLACK_UNREACHABLE');
    },
  );

  test('is not taken somewhere else, nor is the token', async () => {
    const { slack, failure } = await channelOfNewSlack();
    const elsewhere = await startSlackServer();
    slack.answerNext({ status: 307, headers: { location: `${elsewhere.apiUrl}/chat.postMessage` } });
    const { code, hint } = await failure();
    expect([code, elsewhere.payloads]).toEqual(['SLACK_REFUSED', []]);
    expect(hint).toContain('leads somewhere else');
  });

  test('to a closed port says why there is no connection', async () => {
    const { slack, failure } = await channelOfNewSlack();
    await slack.close();
    const { code, message, hint, cause } = await failure();
    expect([code, message]).toEqual([
      'SLACK_UNREACHABLE',
      'The message was not sent, after 5 tries: no connection to Slack.',
    ]);
    expect(hint).toContain('127.0.0.1');
    expect(inspect(cause)).toContain('ECONNREFUSED');
  });
});
