import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { startTlsServer } from '../../tests/support/tls-server.ts';
import { runCli } from '../../tests/support/run-cli.ts';
import type { SlackAttachment } from '../alertmanager/attachment-limits.ts';
import { noProgram } from '../component.ts';
import { dashboardQueries, resolveVariables } from '../dashboards/files.ts';
import { UNITS } from '../dashboards/units.ts';
import { timing } from '../thresholds.ts';
import { type ChainWorld, chainWorld, NIGHT, TIME_SCALE } from './world.ts';

const missing = noProgram('prometheus', 'alertmanager', 'node_exporter');
const ROOT = path.join(import.meta.dirname, '..', '..');
const UNTIL = { timeout: 90_000, interval: 100 };
/** Longer than an alert of these tests takes from its cause to Slack. */
const LONG_MS = 8000;

/** From the programs that are watched to a message in Slack. The tests follow one another. */
describe.skipIf(missing)(`the chain of monitoring${missing ? ` (${missing})` : ''}`, () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await chainWorld();
    return world.close;
  });

  const toldSince = (since: number) => world.slack.messages.slice(since);
  const isPage = ({ color }: SlackAttachment) => color === 'danger';
  async function told(since: number, title: RegExp): Promise<SlackAttachment> {
    return await vi.waitUntil(() => toldSince(since).find((message) => title.test(message.title)), UNTIL);
  }

  test('every target answers, and no rule fails', async () => {
    await vi.waitUntil(async () => (await world.query('up == 1')).length === 4, UNTIL);
    const { port } = await startTlsServer(90);
    const env = { CLEAVER_PUBLIC_URL: `https://localhost:${port}`, CLEAVER_HOME: world.living.home.root };
    for (const task of ['backup', 'dynamic-dns']) {
      const { status, stderr } = await runCli(world.living.root, ['metrics', '--done', task], env);
      expect(status, stderr).toBe(0);
    }
    await vi.waitUntil(async () => (await world.query('cleaver_certificate_expiry_timestamp_seconds')).length, UNTIL);
    const rules = (await world.ask<Rules>('rules')).groups.flatMap((group) => group.rules);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules.length).toBeGreaterThan(40);
  });

  test('every query of every panel returns data that its unit can have', async () => {
    const queries = dashboardQueries().map((query) => ({
      ...query,
      resolved: resolveVariables(query.expr, { rateInterval: '10s' }),
    }));
    expect(queries.length).toBeGreaterThan(80);
    const empty: string[] = [];
    await vi
      .waitUntil(
        async () => {
          empty.length = 0;
          for (const { dashboard, panel, resolved } of queries) {
            if ((await world.query(resolved)).length === 0) empty.push(`${dashboard}, ${panel}: ${resolved}`);
          }
          return empty.length === 0;
        },
        { ...UNTIL, timeout: 60_000 },
      )
      .catch(() => undefined);
    expect(empty).toEqual([]);
    for (const { dashboard, panel, resolved, unit } of queries) {
      const values = (await world.query(resolved)).map(({ value }) => value);
      // Of nothing that has happened yet there is no quantile.
      const odd = values.filter((value) => !Number.isNaN(value) && !UNITS[unit](value));
      expect(odd, `${dashboard}, ${panel} in ${unit}: ${resolved}`).toEqual([]);
    }
    // A misspelt one does not.
    expect(await world.query('cleaver_http_request_total')).toEqual([]);
  });

  test('every metric that a rule asks for is there', async () => {
    const rules = (await world.ask<Rules>('rules')).groups.flatMap((group) => group.rules);
    const empty: string[] = [];
    for (const { name, query } of rules) {
      for (const selector of selectorsIn(await world.ask<Node>(`parse_query?query=${encodeURIComponent(query)}`))) {
        if ((await world.query(selector)).length === 0) empty.push(`${name}: ${selector}`);
      }
    }
    expect(empty).toEqual([]);
  });

  test('a service that is killed is one page with working links, and its return says how long it lasted', async () => {
    const since = world.slack.messages.length;
    const killed = Date.now();
    await world.kill('service');
    const page = await told(since, /^🔥 The service is down/u);
    const seconds = (Date.now() - killed) / 1000;
    process.stderr.write(`killed, and told ${seconds.toFixed(1)} s later\n`);
    expect(isPage(page)).toBe(true);
    expect(seconds).toBeGreaterThan(timing(TIME_SCALE).serviceDownFor);
    const links = linksIn(page);
    expect(links).toHaveLength(4);
    for (const link of links) await expectToLead(link, world);
    const back = Date.now();
    await world.start('service');
    const over = await told(since, /Over: The service is down/);
    expect(toldSince(since).filter(isPage)).toEqual([page]);
    const lasted = over.fields?.find(({ title }) => title === 'Lasted')?.value ?? '';
    const [, minutes = 0, rest] = (/^(?:(\d+)m )?(\d+)(?:\.\d+)?s$/.exec(lasted) ?? []).map(Number);
    expect((minutes || 0) * 60 + (rest ?? Number.NaN), lasted).toBeGreaterThanOrEqual(
      Math.floor((back - killed) / 1000) - 5,
    );
  });

  test('a machine that is down is one page, and what was on it is silent', async () => {
    const since = world.slack.messages.length;
    await Promise.all([world.kill('service'), world.kill('exporter')]);
    await told(since, /^🔥 The machine home is down/u);
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    expect(
      toldSince(since)
        .filter(isPage)
        .map(({ title }) => title),
    ).toEqual(['🔥 The machine home is down (up is 0)']);
    await Promise.all([world.start('service'), world.start('exporter')]);
    await told(since, /Over: The machine/);
  });

  test('in quiet hours a ticket waits for the morning', async () => {
    await world.setHour(NIGHT);
    const since = world.slack.messages.length;
    await world.setRunner(false);
    await vi.waitUntil(
      async () => (await world.query('ALERTS{alertname="RunnerOffline",alertstate="firing"}')).length,
      UNTIL,
    );
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    expect(toldSince(since)).toEqual([]);
    await world.setHour(12);
    expect(isPage(await told(since, /runner/i))).toBe(false);
    await world.setRunner(true);
    await told(since, /Over.*runner/i);
  });

  test('the heartbeat has gone on, and no message broke a limit of Slack’s', () => {
    expect(world.slack.heartbeats).toBeGreaterThan(3);
    expect(world.slack.violations).toEqual([]);
  });
});

/** The rules that Prometheus has loaded. */
interface Rules {
  groups: { rules: { name: string; query: string; health: string; lastError?: string }[] }[];
}

/** A node of the tree that Prometheus makes of an expression. */
interface Node {
  type?: string;
  name?: string;
  matchers?: { name: string; type: string; value: string }[];
  [key: string]: unknown;
}

/**
 * The selectors in an expression without their ranges, but those that ask whether something is not there. That there was no
 * failure yet is no reason to miss anything.
 */
function selectorsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { type, name = '', matchers = [], func } = node as Node & { func?: { name: string } };
  if (func?.name === 'absent') return [];
  if (type === 'vectorSelector' || type === 'matrixSelector') {
    const others = matchers.filter((matcher) => !['__name__', 'status'].includes(matcher.name));
    return [`${name}{${others.map((one) => `${one.name}${one.type}${JSON.stringify(one.value)}`).join(',')}}`];
  }
  return Object.values(node).flatMap(selectorsIn);
}

function linksIn({ text = '' }: SlackAttachment): string[] {
  return [...text.matchAll(/<(http[^|>]+)\|/g)].map(([, link = '']) => link.replaceAll('&amp;', '&'));
}

/** The dashboard and the runbook are files here; Alertmanager is asked; of the logs there is the query. */
async function expectToLead(link: string, { alertmanager }: ChainWorld): Promise<void> {
  const url = new URL(link);
  const dashboard = /^\/d\/cleaver-([\w-]+)/.exec(url.pathname)?.[1];
  if (link.startsWith(alertmanager.url)) expect((await fetch(link)).ok).toBe(true);
  else if (dashboard !== undefined) {
    expect(existsSync(path.join(ROOT, 'monitoring', 'generated', 'dashboards', `${dashboard}.json`)), link).toBe(true);
  } else if (url.pathname.endsWith('docs/runbooks.md')) {
    const headings = [...readFileSync(path.join(ROOT, 'docs', 'runbooks.md'), 'utf8').matchAll(/^#+ (\w+)$/gm)];
    expect(headings.map(([, heading = '']) => `#${heading.toLowerCase()}`)).toContain(url.hash);
  } else expect(link).toMatch(/discover#.*cleaver-logs/);
}
