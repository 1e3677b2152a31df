import { describe, expect, test } from 'vitest';
import { runAction, startAction, type ActionResult } from '../../tests/support/run-action.ts';
import {
  SLACK_CHANNEL,
  SLACK_PATH,
  SLACK_TOKEN,
  startSlackServer,
  type SlackServer,
} from '../../tests/support/slack-server.ts';
import { checkSlackTypes } from '../../tests/support/slack-types.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';

const REFUSED = {
  outcome: 'refused',
  version: 'v8',
  champion: 'v7',
  gain: '-0.002',
  reasons: '["AUC not better","Log loss worse"]',
};
const failed = { train: { result: 'failure', outputs: { error: 'TRAINER_CRASHED: it ended with 1' } } };

/** Runs the action; whatever came of it, the job goes on and the webhook is nowhere to be seen. */
async function notify(inputs: Record<string, string>, env: Record<string, string> = {}): Promise<ActionResult> {
  const result = await runAction(await temporaryFolder(), 'notify-slack', { inputs, env });
  expect(result.status, result.log).toBe(0);
  expect(result.annotations.filter(({ level }) => level === 'error')).toEqual([]);
  expectNoSecret(result);
  return result;
}

function expectNoSecret({ log, outputs, summary }: ActionResult): void {
  const secret = SLACK_PATH.split('/').at(-1);
  // The runner takes these lines out of the log: they tell it what to hide.
  const shown = log.split('\n').filter((line) => !line.startsWith('::add-mask::'));
  for (const hidden of [secret, SLACK_TOKEN])
    expect(`${shown.join('\n')}${JSON.stringify(outputs)}${summary}`).not.toContain(hidden);
}

function warningOf({ annotations }: ActionResult): string {
  const [warning] = annotations.filter(({ level }) => level === 'warning');
  return `${warning?.properties['title'] ?? ''}: ${warning?.message ?? ''}`;
}

describe('Slack is told', () => {
  test.for([
    ['a start', { event: 'start' }, '▶️ retrain, shop started'],
    ['a success', { needs: { train: { result: 'success', outputs: {} } } }, '✅ retrain, shop succeeded'],
    // As a called workflow that was not run is given.
    [
      'a success of what was run',
      { needs: { ship: { result: 'skipped', outputs: null } } },
      '✅ retrain, shop succeeded',
    ],
    ['a failure', { needs: failed }, 'TRAINER_CRASHED: it ended with 1'],
    ['a refused gate', { needs: { evaluate: { result: 'success', outputs: REFUSED } } }, '• Log loss worse'],
    [
      'a failed step of its own job',
      { event: 'failure', needs: { etl: { conclusion: 'failure', outputs: {} } } },
      'etl failed',
    ],
    ['a title', { event: 'success', title: 'All is <well>' }, '✅ All is &lt;well&gt;'],
  ] as [string, { needs?: object; event?: string; title?: string }, string][])('%s', async ([, given, told]) => {
    const { needs, ...inputs } = given;
    const slack = await startSlackServer();
    const { outputs, annotations } = await notify({
      'webhook-url': slack.url,
      model: 'shop',
      ...inputs,
      ...(needs === undefined ? {} : { needs: JSON.stringify(needs) }),
    });
    expect(outputs).toEqual({ sent: 'true' });
    expect(annotations).toEqual([]);
    expect(slack.payloads).toHaveLength(1);
    expect(JSON.stringify(slack.payloads)).toContain(told);
    expect(JSON.stringify(slack.payloads)).toContain('<https://github.com/owner/shop/actions/runs/1234|Open the run>');
    expect(checkSlackTypes(slack.payloads)).toEqual([]);
  });

  test('of an over-long error its ends, within the limits', async () => {
    const slack = await startSlackServer();
    const error = `TRAINER_CRASHED: it failed\n${'<a line> & more\n'.repeat(5000)}What to do: look`;
    await notify({
      'webhook-url': slack.url,
      needs: JSON.stringify({ train: { result: 'failure', outputs: { error } } }),
    });
    const told = JSON.stringify(slack.payloads);
    expect(told).toContain('TRAINER_CRASHED: it failed');
    expect(told).toContain('What to do: look');
    expect(checkSlackTypes(slack.payloads)).toEqual([]);
  });

  test('after it has had enough for a second', async () => {
    const slack = await startSlackServer();
    slack.answerNext({ status: 429, headers: { 'retry-after': '1' } });
    const { outputs } = await notify({ 'webhook-url': slack.url, event: 'start' });
    expect(outputs).toEqual({ sent: 'true' });
    expect(slack.payloads).toHaveLength(2);
  });
});

describe('a message that is not sent is a warning, and is told in the log and the summary', () => {
  test.for([
    ['always 500', { status: 500 }, 'Slack has a fault of its own (500)'],
    ['always hanging', 'hang', 'no answer from Slack within 2 s'],
    ['refused', { status: 404, body: 'no_service' }, 'Slack refused the message: 404 no_service'],
  ] as const)('%s', async ([, answer, reason]) => {
    const slack = await startSlackServer();
    slack.answerNext(answer, 9);
    const result = await notify({ 'webhook-url': slack.url, needs: JSON.stringify(failed), 'timeout-seconds': '2' });
    expect(warningOf(result)).toMatch(/^SLACK_(UNREACHABLE|REFUSED): /);
    expect(warningOf(result)).toContain(reason);
    expect(warningOf(result)).toContain('The result of the job stands');
    expect(result.outputs['sent']).toBe('false');
    for (const shown of [result.log, result.summary]) expect(shown).toContain('TRAINER_CRASHED: it ended with 1');
  });

  test('a closed port', async () => {
    const slack = await startSlackServer();
    await slack.close();
    const result = await notify({ 'webhook-url': slack.url, event: 'start', 'timeout-seconds': '2' });
    expect(warningOf(result)).toContain('no connection to Slack');
    expect(warningOf(result)).toContain('ECONNREFUSED');
  });
});

describe('with a token', () => {
  const byToken = ({ apiUrl }: SlackServer) => ({ 'api-url': apiUrl, token: SLACK_TOKEN, channel: SLACK_CHANNEL });

  test('the messages of a run are one thread, and what needs a person is shown in the channel too', async () => {
    const slack = await startSlackServer();
    const start = await notify({ ...byToken(slack), event: 'start' });
    const thread = '1700000000.000001';
    expect(start.outputs).toEqual({ sent: 'true', thread });
    for (const [event, broadcast] of [
      ['success', false],
      ['failure', true],
      ['refused', true],
    ] as const) {
      const { outputs, annotations } = await notify({ ...byToken(slack), event, thread });
      expect([outputs, annotations]).toEqual([{ sent: 'true', thread }, []]);
      expect(slack.places.at(-1)).toEqual({ channel: SLACK_CHANNEL, thread_ts: thread, reply_broadcast: broadcast });
    }
    expect(JSON.stringify(slack.payloads[0])).toContain('▶️ retrain started');
    expect(checkSlackTypes(slack.payloads)).toEqual([]);
  });

  test('the webhook is not used', async () => {
    const slack = await startSlackServer();
    await notify({ ...byToken(slack), event: 'start', 'webhook-url': slack.url });
    expect([slack.payloads.length, slack.places.length]).toEqual([1, 1]);
  });

  test('a message that is not sent is a warning, told in the log and the summary, and the thread goes on', async () => {
    const slack = await startSlackServer();
    const result = await notify({
      ...byToken(slack),
      channel: 'C9',
      thread: '1700000000.000001',
      needs: JSON.stringify(failed),
    });
    expect(warningOf(result)).toContain('SLACK_REFUSED: Slack refused the message: channel_not_found.');
    expect(warningOf(result)).toContain('The result of the job stands');
    expect(result.outputs).toMatchObject({ sent: 'false', thread: '1700000000.000001' });
    for (const shown of [result.log, result.summary]) expect(shown).toContain('TRAINER_CRASHED: it ended with 1');
  });

  test('the channel must be given, and the address be safe', async () => {
    const result = await notify({ token: SLACK_TOKEN, event: 'start', 'api-url': 'http://slack.example/api' });
    const warning = warningOf(result);
    expect(warning).toMatch(/^OPTION_INVALID: /);
    for (const problem of ['channel: must be given with a token', 'api-url: must be an https URL'])
      expect(warning).toContain(problem);
  });

  test('a channel without a token is no way to Slack: a notice says so', async () => {
    const { annotations, outputs } = await notify({ channel: SLACK_CHANNEL, event: 'start' });
    expect(annotations).toEqual([expect.objectContaining({ level: 'notice' })]);
    expect(outputs).toEqual({ sent: 'false' });
  });
});

describe('without a message', () => {
  test('where there is no webhook, a notice says so', async () => {
    const { annotations, outputs } = await notify({ needs: JSON.stringify(failed) });
    expect(annotations).toEqual([
      {
        level: 'notice',
        message: 'No webhook and no token is configured, nothing was sent.',
        properties: { title: 'Slack' },
      },
    ]);
    expect(outputs).toEqual({ sent: 'false' });
  });

  test('wrong inputs are a warning with every problem', async () => {
    const result = await notify({
      'webhook-url': `http://hooks.slack.example${SLACK_PATH}`,
      event: 'party',
      model: '../shop',
      needs: '{',
      'timeout-seconds': '600',
    });
    const warning = warningOf(result);
    expect(warning).toMatch(/^OPTION_INVALID: /);
    for (const name of [
      'webhook-url: must be an https URL',
      'event: ',
      'model: ',
      'needs: must be JSON',
      'timeout-seconds: ',
    ]) {
      expect(warning).toContain(name);
    }
    expect(warning).toContain('The result of the job stands');
  });

  test.for([
    ['a user and a password', `https://user:password@hooks.slack.example${SLACK_PATH}`],
    ['no address at all', SLACK_PATH],
  ] as const)('a webhook with %s is wrong, and not shown', async ([, url]) => {
    const result = await notify({ 'webhook-url': url, event: 'start' });
    expect(warningOf(result)).toContain('webhook-url: must be an https URL');
  });

  test('`auto` without `needs` is no success', async () => {
    const slack = await startSlackServer();
    const result = await notify({ 'webhook-url': slack.url });
    expect(warningOf(result)).toContain('needs: must be ${{ toJSON(needs) }} where the event is auto');
    expect(slack.payloads).toEqual([]);
  });
});

test('a job that is cancelled does not wait for Slack', async () => {
  const slack = await startSlackServer();
  slack.answerNext('hang', 9);
  const action = await startAction(await temporaryFolder(), 'notify-slack', {
    inputs: { 'webhook-url': slack.url, event: 'start' },
  });
  await expect.poll(() => slack.payloads.length, { timeout: 30_000 }).toBe(1);
  action.kill('SIGINT');
  const result = await action.ended;
  expect(result.status).toBe(130);
  expectNoSecret(result);
});
