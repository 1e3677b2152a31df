import { addDays } from '../../pipelines/core/days.ts';
import type { DayOutcome, ModelReport } from '../../pipelines/core/report.ts';
import { numberText, percentText } from './number-text.ts';

/** A number with its name and what to make of it. */
export interface Figure {
  label: string;
  value: string;
  note: string;
}

/** The four numbers at the top of the page; a "week" is the newest seven days whose outcome is known. */
export function figuresOf(report: ModelReport): Figure[] {
  const week = lastWeek(report.days);
  const weekBefore = lastWeek(report.days.filter(({ day }) => week[0] === undefined || day < week[0].day));
  return [championFigure(report), aucFigure(week, weekBefore), rateFigure(week), daysFigure(report)];
}

function championFigure({ champion, marks }: ModelReport): Figure {
  if (champion === undefined) return { label: 'Champion', value: 'None', note: 'no version has passed the gate yet' };
  const since = marks.findLast(({ kind }) => kind === 'promoted')?.day;
  return { label: 'Champion', value: champion, note: since === undefined ? 'in use' : `since ${since}` };
}

function aucFigure(week: DayOutcome[], weekBefore: DayOutcome[]): Figure {
  const label = 'AUC, last week';
  const now = meanAuc(week);
  if (now === undefined) return { label, value: '–', note: 'not known yet' };
  const before = meanAuc(weekBefore);
  const note = before === undefined ? 'mean of the days' : `${numberText(now - before, 3, true)} on the week before`;
  return { label, value: numberText(now, 3), note };
}

function rateFigure(week: DayOutcome[]): Figure {
  const label = 'Predicted, last week';
  const rows = sum(week, (day) => day.rows);
  if (rows === 0) return { label, value: '–', note: 'not known yet' };
  const predicted = sum(week, (day) => day.predicted * day.rows) / rows;
  const actual = sum(week, (day) => day.actual * day.rows) / rows;
  return { label, value: percentText(predicted), note: `${percentText(actual)} came true` };
}

function daysFigure({ days, maturityDays }: ModelReport): Figure {
  const [first] = days;
  const note = first === undefined ? `known ${maturityDays} days later` : `since ${first.day}`;
  return { label: 'Days with outcome', value: numberText(days.length, 0), note };
}

function lastWeek(days: readonly DayOutcome[]): DayOutcome[] {
  const last = days.at(-1);
  if (last === undefined) return [];
  const before = addDays(last.day, -7);
  return days.filter(({ day }) => day > before);
}

function meanAuc(days: readonly DayOutcome[]): number | undefined {
  const known = days.flatMap(({ auc }) => (auc === undefined ? [] : [auc]));
  return known.length === 0 ? undefined : known.reduce((total, auc) => total + auc, 0) / known.length;
}

function sum(days: readonly DayOutcome[], of: (day: DayOutcome) => number): number {
  return days.reduce((total, day) => total + of(day), 0);
}
