import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { alertmanagerConfig, alertmanagerFiles } from './files.ts';
import { attachmentLimitsBroken } from './attachment-limits.ts';
import { zoneAtHour } from './loopback-slack.ts';

test('no URL stands in the configuration, only the files that hold them', () => {
  const text = Object.values(alertmanagerFiles()).join('\n');
  expect(text).not.toMatch(/https?:\/\//);
  expect(parse(text.split('{{ define')[0] ?? '')).toMatchObject({
    receivers: [
      { name: 'page', slack_configs: [{ api_url_file: '/etc/alertmanager/secrets/slack-url', send_resolved: true }] },
      { name: 'ticket' },
      { name: 'info' },
      { name: 'heartbeat', webhook_configs: [{ url_file: '/etc/alertmanager/secrets/heartbeat-url' }] },
    ],
  });
});

test('without a listener the heartbeat goes nowhere', () => {
  const { receivers } = alertmanagerConfig({ heartbeatUrlFile: undefined });
  expect(receivers.at(-1)).toEqual({ name: 'heartbeat' });
});

test('pages may go to a channel of their own', () => {
  const { receivers } = alertmanagerConfig({ slackUrlFile: '/s/tickets', pageUrlFile: '/s/pages' });
  const files = receivers.flatMap((receiver) => ('slack_configs' in receiver ? receiver.slack_configs : []));
  expect(files.map(({ api_url_file }) => api_url_file)).toEqual(['/s/pages', '/s/tickets', '/s/tickets']);
});

test('tickets and news wait for the morning, pages and the heartbeat do not', () => {
  const { route, time_intervals } = alertmanagerConfig({
    quietHours: { from: '22:30', to: '07:00', location: 'Asia/Seoul' },
  });
  const held = route.routes.filter((each) => 'mute_time_intervals' in each).map(({ receiver }) => receiver);
  expect(held).toEqual(['info', 'ticket']);
  expect(time_intervals[0]?.time_intervals[0]).toEqual({
    times: [
      { start_time: '22:30', end_time: '24:00' },
      { start_time: '00:00', end_time: '07:00' },
    ],
    location: 'Asia/Seoul',
  });
});

const attachment = { title: 'A', text: 'B <https://a/?b&amp;c|C>', fallback: 'A' };

test.each([
  ['nothing', {}, []],
  ['a long title', { title: 'a'.repeat(151) }, [expect.stringContaining('attachments.0.title')]],
  ['a long text', { text: 'a'.repeat(3001) }, [expect.stringContaining('attachments.0.text')]],
  ['a link that was cut', { text: '<https://a/b|C' }, [expect.stringContaining('a link is cut')]],
  ['a call to everybody', { text: '<!channel>' }, [expect.stringContaining('a name is called')]],
  ['what Slack does not know', { body: 'B' }, [expect.stringContaining('body')]],
])('the limits find %s', (_, change, broken) => {
  expect(attachmentLimitsBroken({ attachments: [{ ...attachment, ...change }] })).toEqual(broken);
});

test.each([0, 2, 12, 23])('it is %i o’clock somewhere at any time', (hour) => {
  for (let now = 0; now < 24; now += 1) {
    const at = new Date(Date.UTC(2026, 0, 1, now, 30));
    const shown = at.toLocaleTimeString('en-GB', { timeZone: zoneAtHour(hour, at), hour: '2-digit' });
    expect(Number(shown)).toBe(hour);
  }
});
