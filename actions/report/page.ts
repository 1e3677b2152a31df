import type { Interval } from '../../pipelines/core/bootstrap.ts';
import type { ArmComparison } from '../../pipelines/core/experiment.ts';
import type { Figures } from '../../pipelines/core/metrics.ts';
import type { DayOutcome, ModelReport, ReportMark } from '../../pipelines/core/report.ts';
import type { EvaluateResult } from '../../pipelines/steps/evaluate.ts';
import { plain, table } from '../markdown.ts';
import { aucChart, MAX_POINTS, outcomeChart } from './charts.ts';
import { fitSections } from './fit-sections.ts';

export interface PageInput {
  report: ModelReport;
  /** The newest, or the one that the workflow has just made. */
  judgement?: EvaluateResult | undefined;
  /** Address of the run that writes the page, and its commit. */
  run: string;
  commit: string;
  /** Made for a pull request, on a copy of the state. */
  isTrial?: boolean | undefined;
  /** In characters; undefined for a page of any length. */
  maxLength?: number | undefined;
}

/** Days in the table at the end. */
const MAX_ROWS = 14;

/** The report on a model as GitHub's Markdown. Whatever is missing yet is said, or left out. */
export function reportPage({ report, judgement, run, commit, isTrial, maxLength = Infinity }: PageInput): string {
  const sections = [
    headline(report, judgement),
    isTrial ? '_A trial of this pull request on a copy of the state: nothing is promoted by it._\n' : '',
    judgement === undefined ? '' : figures(judgement),
    judgement === undefined ? '' : judgement.reasons.map((reason) => `- ${plain(reason)}\n`).join(''),
    drift(report),
    charts(report),
    report.experiment === undefined ? '' : experiment(report.experiment, report.valueUnit),
    lastDays(report.days),
  ];
  const footer = `<sub>[This run](${run}) · commit \`${commit.slice(0, 12)}\` · all days until ${report.asOf}</sub>\n`;
  const note = `_Cut here: GitHub takes ${maxLength} characters. The whole report is in the summary of [this run](${run})._`;
  return fitSections(
    sections.filter((section) => section !== ''),
    footer,
    note,
    maxLength,
  );
}

/** The newest mark that says that the champion has drifted. */
export function championDrift({ champion, marks }: ModelReport): ReportMark | undefined {
  return marks.findLast((mark) => mark.kind === 'drift' && mark.version === champion);
}

function headline({ title, champion }: ModelReport, judgement: EvaluateResult | undefined): string {
  const what = `**${plain(title)}**`;
  const now = champion === undefined ? 'There is no champion yet.' : `Champion is ${champion}.`;
  if (judgement === undefined) return `## No challenger has been judged yet\n\n${what}\n\n${now}\n`;
  const { decision, challengerVersion, championVersion, holdout } = judgement;
  const against = championVersion === undefined ? '' : ` against ${championVersion}`;
  const verdict = {
    promoted: `✅ ${challengerVersion} passed the gate${against}`,
    refused: `⛔ ${challengerVersion} was refused${against}`,
    'insufficient-data': `❔ ${challengerVersion} could not be judged${against}: too little data`,
  }[decision];
  return `## ${verdict}\n\n${what}\n\n${now} Judged on the days from ${holdout.from} until before ${holdout.to}.\n`;
}

function figures({ champion, championVersion, challenger, challengerVersion, intervals, difference }: EvaluateResult) {
  const column = (its: Figures, auc: Interval | undefined) => [
    auc === undefined ? digits(its.auc, 3) : interval(auc),
    digits(its.logLoss, 5),
    digits(its.brier, 5),
    digits(its.calibrationError, 5),
    `${its.rows} (${its.positives})`,
  ];
  const names = ['AUC', 'Log loss', 'Brier score', 'Calibration error', 'Rows (positive)'];
  const challenging = column(challenger, intervals?.challenger);
  if (champion === undefined) {
    return table(
      ['', `challenger ${challengerVersion}`],
      names.map((name, row) => [name, challenging[row]]),
    );
  }
  const reigning = column(champion, intervals?.champion);
  const gains = [
    difference === undefined ? '' : signed(difference.value, 3) + range(difference),
    change(champion.logLoss, challenger.logLoss),
    change(champion.brier, challenger.brier),
    change(champion.calibrationError, challenger.calibrationError),
  ];
  return table(
    ['', `champion ${championVersion ?? ''}`, `challenger ${challengerVersion}`, 'difference'],
    names.map((name, row) => [name, reigning[row], challenging[row], gains[row]]),
  );
}

function drift(report: ModelReport): string {
  const { champion, days, marks } = report;
  if (champion === undefined) return '';
  const mark = championDrift(report);
  if (mark !== undefined) return `> ⚠️ ${champion} has drifted, known since ${mark.day}: ${plain(mark.text)}\n`;
  const own = days.filter((day) => day.version === champion).length;
  const state =
    own === 0
      ? `Whether ${champion} drifts is not known yet: none of its days has mature labels.`
      : `${champion} has not drifted, by its ${own} ${own === 1 ? 'day' : 'days'} with mature labels.`;
  const last = marks.findLast(({ kind }) => kind === 'drift');
  return `${state}${last ? ` The last to drift was ${last.version}, known since ${last.day}.` : ''}\n`;
}

function charts({ days, maturityDays }: ModelReport): string {
  if (days.length === 0) {
    return `What became of predictions is known after ${maturityDays} days; no day is so old yet.\n`;
  }
  const outcome = `#### Predicted (line) against actual (bars), share of positive rows by day\n\n${outcomeChart(days)}`;
  const aucs = days.filter((day) => day.auc !== undefined);
  const left = days.length > MAX_POINTS ? `The last ${MAX_POINTS} of ${days.length} days with mature labels.\n` : '';
  // A line of one point is not seen.
  if (aucs.length < 2) return `${outcome}\n${left}`;
  return `${outcome}\n#### AUC by day, a new version below its first day\n\n${aucChart(days)}\n${left}`;
}

function experiment({ treated, holdout, difference, low, high, confidence, pValue }: ArmComparison, unit: string) {
  const surety = `${Number((confidence * 100).toFixed(2))} % confidence, p = ${pValue.toPrecision(2)}`;
  const rows = [
    ['Entities', treated.entities, holdout.entities],
    [`${unit} per entity`, digits(treated.mean, 3), digits(holdout.mean, 3)],
  ];
  const gain = `${signed(difference, 3)}${range({ low, high })} ${plain(unit)} per entity`;
  return `#### Treated against held out: ${gain}\n\n${table(['', 'treated', 'held out'], rows)}\n${surety}.\n`;
}

function lastDays(days: readonly DayOutcome[]): string {
  if (days.length === 0) return '';
  const shown = days.slice(-MAX_ROWS).reverse();
  const rows = shown.map(({ day, version, rows, predicted, actual, auc, logLoss, brier }) => [
    day,
    version,
    rows,
    digits(predicted, 4),
    digits(actual, 4),
    digits(auc, 3),
    digits(logLoss, 5),
    digits(brier, 5),
  ]);
  const head = ['Day', 'Version', 'Rows', 'Predicted', 'Actual', 'AUC', 'Log loss', 'Brier score'];
  return `<details><summary>Days with mature labels, the newest first</summary>\n\n${table(head, rows)}\n</details>\n`;
}

function interval(its: Interval): string {
  return digits(its.value, 3) + range(its);
}

function range({ low, high }: Omit<Interval, 'value'>): string {
  return ` (${digits(low, 3)} to ${digits(high, 3)})`;
}

function change(before: number | null, after: number | null): string {
  return before === null || after === null ? '–' : signed(after - before, 5);
}

function signed(value: number, places: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(places)}`;
}

/** A record in a file has null for what is no number. */
function digits(value: number | null | undefined, places: number): string {
  return value === undefined || value === null || Number.isNaN(value) ? '–' : value.toFixed(places);
}
