import { spread, type Spread } from './figures.ts';
import type { Results } from './goals.ts';
import { CONNECTIONS, type Measurement } from './measure.ts';
import { shortNumber, spreadText } from './page.ts';
import type { Testee } from './testees.ts';

/** One server at one number of connections, over the rounds. */
export interface ServerRow {
  case: string;
  connections: number;
  requestsPerSecond: Spread;
  p50Ms: Spread;
  p99Ms: Spread;
  readyMs: Spread;
  residentMb: Spread;
  /** Requests of all rounds that were not answered with 200. */
  failed: number;
}

export function serverRows(testees: readonly Testee[], results: Results): ServerRow[] {
  return testees.flatMap(({ name, title }) => {
    const measured = results.get(name) ?? [];
    return CONNECTIONS.map((connections) => {
      const loads = measured.map(({ load }) => load[connections]);
      return {
        ...{ case: title, connections },
        requestsPerSecond: spread(loads.map(({ requestsPerSecond }) => requestsPerSecond)),
        p50Ms: spread(loads.map(({ p50Ms }) => p50Ms)),
        p99Ms: spread(loads.map(({ p99Ms }) => p99Ms)),
        readyMs: spread(measured.map(({ readyMs }) => readyMs)),
        residentMb: spread(measured.map(({ residentMb }) => residentMb)),
        failed: loads.reduce((sum, { failed }) => sum + failed, 0),
      };
    });
  });
}

/** A row for people: spreads as text. */
export function forPeople(row: object): Record<string, unknown> {
  const cells = Object.entries(row) as [string, unknown][];
  return Object.fromEntries(cells.map(([name, value]) => [name, isSpread(value) ? cellOf(value) : value]));
}

/** What one server did in one round. */
export function lineOf({ title }: Testee, { load, readyMs, residentMb }: Measurement): string {
  const told = CONNECTIONS.map((connections) => {
    const { requestsPerSecond, p99Ms, failed } = load[connections];
    const bad = failed === 0 ? '' : `, ${failed} FAILED`;
    return `${shortNumber(requestsPerSecond)}/s, p99 ${shortNumber(p99Ms)} ms over ${connections}${bad}`;
  });
  return `${title}: ${told.join('; ')}; ready in ${shortNumber(readyMs)} ms, ${shortNumber(residentMb)} MB`;
}

function isSpread(value: unknown): value is Spread & { against?: string } {
  return typeof value === 'object' && value !== null && 'median' in value;
}

function cellOf(value: Spread & { against?: string }): string {
  return value.against === undefined ? spreadText(value) : `${spreadText(value)} × ${value.against}`;
}
