import { expect, test } from 'vitest';
import { alerts } from '../alerts.ts';
import { effectAt, INCIDENTS, MONTH } from './incidents.ts';
import { serviceMonth } from './month.ts';
import { promtoolMonth } from './promtool-month.ts';
import { simulationTable } from './table.ts';

test('incidents are of the month, one after the other, and name alerts that there are', () => {
  const names = alerts.map(({ name }) => name);
  let end = 0;
  for (const { from, minutes, windowMinutes, alerts: told, silenced = [] } of INCIDENTS) {
    expect(from).toBeGreaterThan(end);
    expect(windowMinutes).toBeGreaterThanOrEqual(minutes);
    expect(names).toEqual(expect.arrayContaining(told));
    expect(told).toEqual(expect.arrayContaining(silenced));
    end = from + windowMinutes;
  }
  expect(end).toBeLessThan(MONTH);
});

test('what happens is in the series: a service that is down counts nothing, and begins at zero', () => {
  const outage = INCIDENTS.find(({ alerts: told }) => told[0] === 'ServiceDown')?.from ?? 0;
  const month = serviceMonth(5);
  const of = (name: string) => Object.entries(month).find(([series]) => series.startsWith(name))?.[1] ?? [];
  const at = outage / 5;
  expect(of('up').slice(at - 1, at + 2)).toEqual([1, 0, 0]);
  const good = of('cleaver_http_requests_total');
  expect(good[at]).toBeUndefined();
  expect(good[at + 5]).toBeLessThan(good[at - 1] ?? 0);
  expect(effectAt(outage).effect).toEqual({ serviceDown: true });
});

test('all minutes of the month are looked at', () => {
  const text = promtoolMonth('model', 'rules.yaml');
  const looked = [...text.matchAll(/\[(\d+)s\]/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
  // Segments begin a step after the one before ends; nothing fires between two evaluations.
  expect(looked / 60).toBeGreaterThan(MONTH - 30 * 2 * INCIDENTS.length);
  expect(text).toContain('{alertname="ModelDrifted"}');
});

test('the table tells pages and tickets apart, and leaves out what is silenced', () => {
  const rows = simulationTable().split('\n');
  expect(rows).toHaveLength(INCIDENTS.length + 4);
  expect(rows.find((row) => row.includes('Power cut'))).toBe(
    '| Power cut, 20 minutes | day 15 | `MachineDown` |  | 0 | 0 |',
  );
  expect(rows.at(-2)).toMatch(/\*\*In all: 20\*\* .* \*\*5\*\* \| \*\*12\*\* \| \*\*0\*\* \| \*\*0\*\*/);
});
