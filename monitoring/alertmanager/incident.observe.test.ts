import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Program, startProgram } from '../chain/program.ts';
import { noProgram } from '../component.ts';
import { alerts } from '../rules/alerts.ts';
import { annotationsOf } from '../rules/files.ts';
import { MESSAGES, QUIET_HOURS } from '../thresholds.ts';
import { alertmanagerFiles } from './files.ts';
import { type LoopbackSlack, openLoopbackSlack, zoneAtHour } from './loopback-slack.ts';

const missing = noProgram('alertmanager');
const FAST = { ...MESSAGES, groupWaitPage: 0.5, groupWait: 0.5, groupInterval: 1, heartbeatEvery: 0.5 };
/** Longer than all of these: what has not come by then does not come. */
const LONG_MS = 4000;

describe.skipIf(missing)(`Alertmanager and Slack${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  let slack: LoopbackSlack;
  let alertmanager: Program | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'alertmanager-'));
    slack = await openLoopbackSlack();
    await writeFile(path.join(folder, 'slack-url'), `${slack.slackUrl}\n`);
    await writeFile(path.join(folder, 'heartbeat-url'), slack.heartbeatUrl);
  });
  afterEach(async () => {
    await alertmanager?.stop();
    alertmanager = undefined;
    await slack.close();
    await rm(folder, { recursive: true, force: true });
    expect(slack.violations).toEqual([]);
  });

  test('what breaks of one subject within moments is one message, and its end says how long it lasted', async () => {
    await start(12);
    await post([of('ServiceDown', { instance: 'a:8080' })], [of('ServiceFailingFast')]);
    await told(1);
    expect(slack.messages[0]?.title).toMatch(/^🔥 .+ \(of 2\)$/);
    expect(slack.messages[0]?.text).toMatch(/^• /m);
    // Alertmanager keeps the earlier of two starts. Said before, it would not wait for the other alert: an alert that is
    // older than the wait is told of at once.
    const since = new Date(Date.now() - 723_000);
    await post(
      [of('ServiceDown', { instance: 'a:8080' }), since, new Date()],
      [of('ServiceFailingFast'), since, new Date()],
    );
    await told(2);
    expect(slack.messages[1]?.title).toMatch(/^✅ Over: /);
    expect(slack.messages[1]?.fields?.[1]?.title).toBe('Lasted');
    expect(slack.messages[1]?.fields?.[1]?.value).toMatch(/^12m [3-9]s$/);
    await nothingElse(2);
  });

  test('a machine that is down silences the rest of it, and nothing of another', async () => {
    await start(12);
    await post([of('MachineDown', { node: 'home', instance: 'home:9100' })]);
    await told(1);
    await post(
      [of('ServiceDown', { node: 'home', instance: 'a:8080' })],
      [of('BackupOld', { node: 'home' })],
      [of('DiskFull', { node: 'other', mountpoint: '/' })],
    );
    await told(2);
    expect(slack.messages[1]?.title).toContain('is free');
    await nothingElse(2);
  });

  test('without the label `node` nobody knows what was on it, so nothing is silenced', async () => {
    await start(12);
    await post([of('MachineDown', { instance: 'home:9100' })], [of('ServiceDown', { instance: 'a:8080' })]);
    await told(2);
  });

  test('a page about a subject silences its tickets, and no others', async () => {
    await start(12);
    await post([of('ServiceDown', { instance: 'a:8080' })]);
    await told(1);
    await post([of('ServiceShedding')], [of('ModelDrifted', { model: 'shop' })]);
    await told(2);
    expect(slack.messages[1]?.title).toContain('has drifted');
    await nothingElse(2);
  });

  test('quiet hours hold tickets and news until the morning, and no page', async () => {
    await start(2);
    await post([of('BackupOld')], [of('MachineRebooted')], [of('ServiceDown')]);
    await told(1);
    expect(slack.messages[0]?.color).toBe('danger');
    await nothingElse(1);
    await configure(12);
    expect(await fetch(`${url()}/-/reload`, { method: 'POST' }).then(({ ok }) => ok)).toBe(true);
    await vi.waitUntil(() => slack.messages.some(({ title }) => title.includes('The last backup')), LONG_MS * 3);
    await vi.waitUntil(() => slack.messages.some(({ title }) => title.includes('started')), LONG_MS * 3);
  });

  test('the heartbeat goes on and on, also at night, and never to Slack', async () => {
    await start(2);
    await post([of('Watchdog')]);
    await vi.waitUntil(() => slack.heartbeats >= 3, LONG_MS * 3);
    expect(slack.messages).toEqual([]);
  });

  test('a hundred alerts at once are one message within Slack’s limits', async () => {
    await start(12);
    const disks = Array.from({ length: 100 }, (_, disk) =>
      of('DiskFull', { mountpoint: `/mnt/${disk}-${'x'.repeat(200)}` }),
    );
    await post(...disks.map((labels) => [labels] as const));
    await told(1);
    expect(slack.messages[0]?.title).toMatch(/\(of 100\)$/);
    expect(slack.messages[0]?.text).toContain('… 100 in all');
    expect(slack.messages[0]?.text).toContain('|Silence>');
  });

  test('the message’s links are those of the alert', async () => {
    await start(12);
    await post([of('ServiceDown')]);
    await told(1);
    const urls = [...(slack.messages[0]?.text ?? '').matchAll(/<([^|>]+)\|/g)].map(([, link = '']) =>
      link.replaceAll('&amp;', '&'),
    );
    const { dashboard_url = '', logs_url = '', runbook_url = '' } = annotationsFor('ServiceDown');
    expect(urls).toEqual([
      expect.stringMatching(/^http/),
      expect.stringContaining(logs_url),
      runbook_url,
      expect.stringContaining(`${url()}/#/silences/new?filter=%7Balertname%3D%22ServiceDown%22`),
    ]);
    expect(urls[0]?.startsWith(`${dashboard_url}?from=`)).toBe(true);
    expect(urls.every((link) => URL.canParse(link))).toBe(true);
  });

  /** Where it is this hour. */
  async function start(hour: number): Promise<void> {
    await configure(hour);
    const port = await freePort();
    alertmanager = await startProgram(
      [
        'alertmanager',
        `--config.file=${path.join(folder, 'alertmanager.yml')}`,
        `--storage.path=${path.join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--web.external-url=http://127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { port, ready: '/-/ready', cwd: folder },
    );
  }

  async function configure(hour: number): Promise<void> {
    const files = alertmanagerFiles({
      slackUrlFile: path.join(folder, 'slack-url'),
      heartbeatUrlFile: path.join(folder, 'heartbeat-url'),
      templates: path.join(folder, '*.tmpl'),
      messages: FAST,
      quietHours: { ...QUIET_HOURS, location: zoneAtHour(hour) },
    });
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, path.basename(file)), text);
  }

  /** As Prometheus does: labels, since when (unless said: since it arrives), and when it ended. */
  async function post(...given: (readonly [Record<string, string>, Date?, Date?])[]): Promise<void> {
    const body = given.map(([labels, startsAt, endsAt]) => ({
      labels,
      annotations: { ...annotationsFor(labels['alertname'] ?? ''), summary: summaryOf(labels) },
      ...(startsAt !== undefined && { startsAt }),
      ...(endsAt !== undefined && { endsAt }),
    }));
    const { status } = await fetch(`${url()}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(status).toBe(200);
  }

  async function told(count: number): Promise<void> {
    await vi.waitUntil(() => slack.messages.length >= count, LONG_MS * 3);
    expect(slack.messages.length).toBe(count);
  }

  async function nothingElse(count: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    expect(slack.messages.length).toBe(count);
  }

  function url(): string {
    if (alertmanager === undefined) throw new Error('Alertmanager has not started.');
    return alertmanager.url;
  }
});

function alertNamed(name: string) {
  const alert = alerts.find((each) => each.name === name);
  if (alert === undefined) throw new Error(`There is no alert ${name}.`);
  return alert;
}

function annotationsFor(name: string): Record<string, string> {
  return annotationsOf(alertNamed(name));
}

/** Labels as Prometheus sends them. */
function of(name: string, labels: Record<string, string> = {}): Record<string, string> {
  const { severity, subject } = alertNamed(name);
  return { alertname: name, severity, subject, ...labels };
}

/** Its template with the labels in, and some value. */
function summaryOf(labels: Record<string, string>): string {
  return alertNamed(labels['alertname'] ?? '').summary.replaceAll(/\{\{(.*?)\}\}/g, (_, inner: string) => {
    const label = /\$labels\.(\w+)/.exec(inner)?.[1];
    return label === undefined ? '7' : (labels[label] ?? '');
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
