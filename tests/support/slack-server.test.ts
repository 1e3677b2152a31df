import { describe, expect, test } from 'vitest';
import { limitsBroken } from './slack-limits.ts';
import { openSlackServer, SLACK_CHANNEL, SLACK_TOKEN } from './slack-server.ts';
import { checkSlackTypes } from './slack-types.ts';

const right = {
  text: 'hello',
  blocks: [
    { type: 'header', text: { type: 'plain_text', text: 'hello' } },
    { type: 'section', fields: [{ type: 'mrkdwn', text: '*a*', verbatim: true }] },
    { type: 'context', elements: [{ type: 'mrkdwn', text: 'a' }] },
  ],
};
const withBlock = (block: object) => ({ ...right, blocks: [...right.blocks, block] });

describe('the check of payloads against Slack’s types', () => {
  test('accepts right ones and finds each wrong one', () => {
    expect(checkSlackTypes([right])).toEqual([]);
    const wrong = [
      withBlock({ type: 'section', txt: { type: 'mrkdwn', text: 'a' } }),
      withBlock({ type: 'header', text: { type: 'mrkdwn', text: 'a' } }),
      withBlock({ type: 'banner' }),
      { blocks: right.blocks },
    ];
    expect(checkSlackTypes([right, ...wrong])).toHaveLength(wrong.length);
  });
});

describe('the check of Slack’s limits', () => {
  test('accepts what is at a limit and finds what is over it', () => {
    const section = (length: number) =>
      withBlock({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } });
    const header = (length: number) =>
      withBlock({ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(length) } });
    const fields = (count: number, length: number) =>
      withBlock({
        type: 'section',
        fields: Array.from({ length: count }, () => ({ type: 'mrkdwn', text: 'x'.repeat(length) })),
      });
    const blocks = (count: number) => ({
      ...right,
      blocks: Array.from({ length: count }, () => ({ type: 'divider' })),
    });
    const context = (count: number) =>
      withBlock({ type: 'context', elements: Array.from({ length: count }, () => ({ type: 'mrkdwn', text: 'x' })) });
    for (const kept of [section(3000), header(150), fields(10, 2000), blocks(50), context(10)]) {
      expect(limitsBroken(kept)).toEqual([]);
    }
    const over = [
      section(3001),
      section(0),
      header(151),
      fields(11, 1),
      fields(0, 1),
      fields(1, 2001),
      blocks(51),
      context(11),
    ];
    for (const broken of [...over, { ...right, text: '' }, { ...right, text: 'x'.repeat(4001) }, {}]) {
      expect(limitsBroken(broken)).not.toEqual([]);
    }
  });

  test('is made by the server, at once', async () => {
    const server = await openSlackServer();
    const post = (body: unknown) =>
      fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect(await (await post(right)).text()).toBe('ok');
    expect(server.violations).toEqual([]);
    expect((await post({ ...right, blocks: [] })).status).toBe(400);
    expect(server.violations).toHaveLength(1);
    await server.close();
  });
});

describe('the Web API', () => {
  /** What is answered to calls, one after the other. */
  async function answersTo(calls: object[], token = SLACK_TOKEN): Promise<unknown[]> {
    const server = await openSlackServer();
    const answers: unknown[] = [];
    for (const call of calls) {
      const response = await fetch(`${server.apiUrl}/chat.postMessage`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
        body: JSON.stringify(call),
      });
      expect(response.status).toBe(200);
      answers.push(await response.json());
    }
    await server.close();
    return answers;
  }
  const inChannel = { ...right, channel: SLACK_CHANNEL };

  test('names each message, and answers in the thread of one that it has', async () => {
    const ts = '1700000000.000001';
    expect(await answersTo([inChannel, { ...inChannel, thread_ts: ts }])).toEqual([
      { ok: true, channel: SLACK_CHANNEL, ts, message: { ts } },
      {
        ok: true,
        channel: SLACK_CHANNEL,
        ts: '1700000000.000002',
        message: { ts: '1700000000.000002', thread_ts: ts },
      },
    ]);
  });

  test('refuses with 200 and the reason', async () => {
    const wrong = [
      { ...right, channel: 'C9' },
      { ...inChannel, thread_ts: '1700000000.000009' },
      { ...inChannel, thread_ts: '1' },
      { ...inChannel, blocks: [] },
    ];
    const errors = ['channel_not_found', 'thread_not_found', 'invalid_thread_ts', 'invalid_blocks'];
    expect(await answersTo(wrong)).toEqual(errors.map((error) => ({ ok: false, error })));
    expect(await answersTo([inChannel], 'another')).toEqual([{ ok: false, error: 'invalid_auth' }]);
  });
});
