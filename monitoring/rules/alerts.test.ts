import { describe, expect, test } from 'vitest';
import { FIELDS } from '../logs/fields.ts';
import { createMetrics } from '../../service/metrics/metrics.ts';
import { BURN_RATES, OBJECTIVES, THRESHOLDS } from '../thresholds.ts';
import { duration } from './alert.ts';
import { alerts } from './alerts.ts';
import { CASES } from './cases/cases.ts';
import { prometheusRules, ruleFiles, runbookPage } from './files.ts';

describe.each(alerts)('$name', ({ name, severity, summary, description, logs, runbook, expr }) => {
  test('has a severity, a summary with a value, and a runbook', () => {
    expect(['page', 'ticket', 'info']).toContain(severity);
    expect(summary).toMatch(/\$value/);
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(description).not.toContain('{{');
    expect(runbook.means).toMatch(/^[A-Z].*\.$/);
    expect(runbook.look.length).toBeGreaterThan(0);
    expect(runbook.do.length).toBeGreaterThan(0);
    expect(expr).not.toMatch(/undefined|NaN/);
  });

  test('asks the logs for fields that they have', () => {
    const fields = [...logs.matchAll(/([a-z_.]+)(?::| [<>]=)/g)].map(([, field]) => field ?? '');
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields) expect(Object.keys(FIELDS)).toContain(field);
  });

  test('is tried where it fires, ends, and keeps quiet', () => {
    // It is the one that must never be quiet.
    if (name === 'Watchdog') {
      expect(CASES[name]).toBeUndefined();
      return;
    }
    const tried = CASES[name];
    expect(tried?.fires.told.length).toBeGreaterThan(0);
    expect(tried?.fires.over).not.toBe(tried?.fires.at);
    expect(tried?.quiet.because).toMatch(/^\S+ .+/);
    expect(Object.keys(tried?.quiet.series ?? {}).length).toBeGreaterThan(0);
  });
});

test('names are used once, and nothing else is tried', () => {
  const names = alerts.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(Object.keys(CASES).filter((name) => !names.includes(name))).toEqual([]);
});

test('a time scale changes durations and nothing else', () => {
  const [usual, fast] = [1, 60].map((timeScale) => Object.values(ruleFiles({ timeScale })).join('\n'));
  const pieces = (text = '') => text.split(/(?<![\w.])(\d+(?:\.\d+)?(?:ms|[smhd])?)(?![\w.])/);
  const [slowPieces, fastPieces] = [pieces(usual), pieces(fast)];
  expect(fastPieces.length).toBe(slowPieces.length);
  let scaled = 0;
  for (const [at, piece] of slowPieces.entries()) {
    const other = fastPieces[at] ?? '';
    if (other === piece) continue;
    scaled += 1;
    expect(seconds(other) * 60).toBeCloseTo(seconds(piece), 6);
  }
  expect(scaled).toBeGreaterThan(100);
});

test('thresholds are no durations: none of them is scaled', () => {
  const fast = Object.values(ruleFiles({ timeScale: 60 })).join('\n');
  for (const limit of [THRESHOLDS.shedShare, THRESHOLDS.diskFreeSharePage, THRESHOLDS.cpuBusyShare]) {
    expect(fast).toMatch(new RegExp(`[<>] ${limit}\\b`));
  }
});

test('a page comes when the budget would not last days, a ticket when it would not last the month', () => {
  for (const { severity, factor } of BURN_RATES) {
    const days = OBJECTIVES.periodDays / factor;
    expect(days <= 5 ? 'page' : 'ticket').toBe(severity);
  }
});

test('the time of the objective is a bucket of the service', async () => {
  const metrics = createMetrics();
  metrics.request('POST', '/predict/:model', 200, 0.1);
  const page = await metrics.text();
  expect(page).toContain(`cleaver_http_request_duration_seconds_bucket{le="${OBJECTIVES.latencySeconds}",`);
});

test('durations are written as Prometheus reads them', () => {
  expect([86_400, 5400, 60, 90, 2, 1.5, 0.0001].map(duration)).toEqual([
    '1d',
    '90m',
    '1m',
    '90s',
    '2s',
    '1500ms',
    '1ms',
  ]);
});

test('the operator’s objects hold the same rules', () => {
  const rules = prometheusRules({ release: 'monitoring' });
  expect(rules.map(({ metadata }) => metadata.name)).toContain('cleaver-service');
  const names = rules.flatMap(({ spec }) => spec.groups.flatMap((group) => group.rules));
  expect(names.filter((rule) => 'alert' in rule).map((rule) => ('alert' in rule ? rule.alert : ''))).toEqual(
    alerts.map(({ name }) => name),
  );
});

test('each alert has its section in the page of runbooks, and links within it lead somewhere', () => {
  const page = runbookPage();
  const sections = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(alerts.map(({ name }) => name));
  const anchors = sections.map((name) => name?.toLowerCase());
  for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
});

function seconds(text: string): number {
  const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, '': 1 };
  const [, number = '', unit = ''] = /^([\d.]+)(\D*)$/.exec(text) ?? [];
  return Number(number) * (units[unit] ?? Number.NaN);
}
