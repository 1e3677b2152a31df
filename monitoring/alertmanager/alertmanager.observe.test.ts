import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noProgram } from '../component.ts';
import { alerts } from '../rules/alerts.ts';
import { attachmentLimitsBroken } from './attachment-limits.ts';
import { alertmanagerFiles } from './files.ts';
import { ROOM } from './slack-template.ts';

const run = promisify(execFile);
const missing = noProgram('amtool');

describe.skipIf(missing)(`the configuration in amtool${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  let config: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'alertmanager-'));
    const files = alertmanagerFiles({ templates: path.join(folder, '*.tmpl') });
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, path.basename(file)), text);
    config = path.join(folder, 'alertmanager.yml');
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('is valid, with its template', async () => {
    const { stdout } = await run('amtool', ['check-config', config]);
    expect(stdout).toContain('1 templates');
    expect(stdout.match(/SUCCESS/g)).toHaveLength(2);
  });

  test.each([
    ['page', { alertname: 'ServiceDown', severity: 'page', subject: 'service' }],
    ['ticket', { alertname: 'BackupOld', severity: 'ticket', subject: 'pipeline' }],
    ['info', { alertname: 'MachineRebooted', severity: 'info', subject: 'machine' }],
    ['heartbeat', { alertname: 'Watchdog', severity: 'info', subject: 'monitoring' }],
    ['ticket', { alertname: 'SomebodyElses', severity: 'critical' }],
    ['ticket', { alertname: 'WithoutSeverity' }],
  ])('%s gets %o', async (receiver, labels) => {
    await routed(labels, receiver);
  });

  test('every alert of ours goes where its severity says', async () => {
    for (const { name, severity, subject } of alerts.filter(({ name: of }) => of !== 'Watchdog')) {
      await routed({ alertname: name, severity, subject }, severity);
    }
  });

  test('a wrong receiver is noticed', async () => {
    await expect(routed({ alertname: 'ServiceDown', severity: 'page' }, 'ticket')).rejects.toThrow(
      '--verify.receivers=ticket',
    );
  });

  async function routed(labels: Record<string, string>, receiver: string): Promise<void> {
    const given = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    await run('amtool', [
      'config',
      'routes',
      'test',
      '--config.file',
      config,
      `--verify.receivers=${receiver}`,
      ...given,
    ]);
  }

  describe('a message', () => {
    test('says what, with which value, since when, and links all there is', async () => {
      expect(await message({ alerts: [alert()] })).toEqual({
        title: '🔥 The service is down: a:8080 does not answer (up is 0)',
        title_link: 'https://runbooks.example/#servicedown',
        text: [
          'Nobody gets a score.',
          [
            '<https://grafana.example/d/cleaver-service?from=1772596800000&amp;to=now|Dashboard>',
            '<https://logs.example/app#/?_a=(x)&amp;_g=(time:(from:%272026-03-04T04:00:00.000Z%27,to:now))|Logs>',
            '<https://runbooks.example/#servicedown|Runbook>',
            '<https://alertmanager.example/#/silences/new?filter=%7Balertname%3D%22ServiceDown%22%2Cmodel%3D%22a%20b%22%2Cseverity%3D%22page%22%2Csubject%3D%22service%22%7D|Silence>',
          ].join('  ·  '),
        ].join('\n'),
        fallback: '🔥 The service is down: a:8080 does not answer (up is 0)',
        color: 'danger',
        fields: [
          { title: 'Severity', value: 'page, service' },
          { title: 'Since', value: '<!date^1772600400^{date_short_pretty} {time}|2026-03-04 05:00 UTC>' },
        ],
      });
    });

    test('of an end says how long it lasted, and offers no silence', async () => {
      const { title, text, color, fields } = await message({
        status: 'resolved',
        alerts: [alert({ status: 'resolved' })],
      });
      expect(title).toBe('✅ Over: The service is down: a:8080 does not answer (up is 0)');
      expect(color).toBe('good');
      expect(fields[1]).toEqual({ title: 'Lasted', value: '1h 12m 3s' });
      expect(text).toContain('|Runbook>');
      expect(text).not.toContain('Silence');
    });

    test('about several lists them, and which are over', async () => {
      const other = alert({ annotations: { ...alert().annotations, summary: '20% of requests fail' } });
      const { title, text } = await message({ alerts: [alert(), other, alert({ status: 'resolved' })] });
      expect(title).toBe('🔥 The service is down: a:8080 does not answer (up is 0) (of 2)');
      expect(text.split('\n').slice(1, 4)).toEqual([
        '• The service is down: a:8080 does not answer (up is 0)',
        '• 20% of requests fail',
        '• over after 1h 12m 3s: The service is down: a:8080 does not answer (up is 0)',
      ]);
    });

    test.each([1, 2, 50])(
      'about %i alerts with endless, hostile texts keeps Slack’s limits and its links',
      async (count) => {
        const hostile = `<!channel> & "\\${'<&>'.repeat(500)} ☃ ${'x'.repeat(3000)}`;
        const annotations = { ...alert().annotations, summary: hostile, description: hostile };
        const one = alert({ annotations, labels: { ...alert().labels, mountpoint: hostile, step: 'y'.repeat(60) } });
        for (const status of ['firing', 'resolved']) {
          const { title, text } = await message({
            status,
            alerts: Array.from({ length: count }, () => ({ ...one, status })),
          });
          expect(title).toContain('‹!channel› + ');
          expect(text.match(/^• /gm)?.length ?? 0).toBe(count === 1 ? 0 : Math.min(count, ROOM.alerts + 1));
        }
      },
    );

    test('about an alert that is not ours does without what that lacks', async () => {
      const strange = alert({ labels: { alertname: 'Strange' }, annotations: {} });
      const { title, title_link, text, fields } = await message({
        alerts: [strange],
        commonLabels: { alertname: 'Strange' },
      });
      expect(title).toBe('⚠️ Strange');
      expect(title_link).toBe('');
      expect(text.trim()).toMatch(/^· {2}<https:\/\/alertmanager.example\/[^|]*\|Silence>$/);
      expect(fields[0]?.value).toBe('ticket, unknown subject');
    });
  });

  interface Message {
    title: string;
    title_link: string;
    text: string;
    fallback: string;
    color: string;
    fields: { title: string; value: string }[];
  }

  /** As Alertmanager puts it together, by the templates that its configuration names. */
  async function message(
    data: Record<string, unknown> & { alerts: { labels: Record<string, string> }[] },
  ): Promise<Message> {
    const file = path.join(folder, 'data.json');
    const labels = { ...data.alerts[0]?.labels };
    const group = {
      groupLabels: {},
      commonLabels: labels,
      commonAnnotations: {},
      externalURL: 'https://alertmanager.example',
    };
    await writeFile(file, JSON.stringify({ receiver: 'page', status: 'firing', ...group, ...data }));
    const names = ['title', 'title-link', 'text', 'fallback', 'color', 'severity', 'when-title', 'when'];
    const mark = '@@@@';
    const template = names.map((name) => `{{ template "cleaver.${name}" . }}`).join(mark);
    const args = ['template', 'render', `--template.glob=${path.join(folder, '*.tmpl')}`, `--template.data=${file}`];
    const { stdout } = await run('amtool', [...args, `--template.text=${template}`]);
    const [
      title = '',
      title_link = '',
      text = '',
      fallback = '',
      color = '',
      severity = '',
      whenTitle = '',
      when = '',
    ] = stdout.replace(/\n$/, '').split(mark);
    const fields = [
      { title: 'Severity', value: severity },
      { title: whenTitle, value: when },
    ];
    const made = { title, title_link, text, fallback, color, fields };
    expect(
      attachmentLimitsBroken({
        attachments: [{ ...made, ...(title_link === '' && { title_link: 'https://none.example' }) }],
      }),
    ).toEqual([]);
    return made;
  }
});

function alert(change: Record<string, unknown> = {}) {
  return {
    status: 'firing',
    labels: { alertname: 'ServiceDown', severity: 'page', subject: 'service', instance: 'a:8080', model: 'a b' },
    annotations: {
      summary: 'The service is down: a:8080 does not answer (up is 0)',
      description: 'Nobody gets a score.',
      dashboard_url: 'https://grafana.example/d/cleaver-service',
      logs_url: 'https://logs.example/app#/?_a=(x)',
      runbook_url: 'https://runbooks.example/#servicedown',
    },
    startsAt: '2026-03-04T05:00:00Z',
    endsAt: '2026-03-04T06:12:03.4Z',
    ...change,
  };
}
