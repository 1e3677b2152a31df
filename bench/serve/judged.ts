import { figuresTable, shortNumber } from './page.ts';

/** One figure, and whether it is as wanted. */
export interface Judged {
  case: string;
  value: number;
  unit: string;
  goal?: string;
  kept?: boolean;
}

export function told(name: string, value: number, unit: string): Judged {
  return { case: name, value, unit };
}

export function atMost(limit: number, name: string, value: number, unit: string): Judged {
  return { case: name, value, unit, goal: `≤ ${limit}`, kept: value <= limit };
}

export function atLeast(limit: number, name: string, value: number, unit: string): Judged {
  return { case: name, value, unit, goal: `≥ ${limit}`, kept: value >= limit };
}

/** As a table for the page. */
export function judgedTable(rows: readonly Judged[]): string {
  return figuresTable(
    ['', 'measured', 'wanted', 'kept'],
    rows.map(({ case: name, value, unit, goal, kept }) => [
      ...[name, `${shortNumber(value)} ${unit}`, goal ?? '–', kept === undefined ? '–' : kept ? 'yes' : 'no'],
    ]),
  );
}
