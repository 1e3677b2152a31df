import type { ArmComparison } from './experiment.ts';
import type { Day } from './days.ts';

/** What became of the predictions made at the end of one day, once their labels are mature. */
export interface DayOutcome {
  day: Day;
  /** The version that made the predictions. */
  version: string;
  rows: number;
  /** Mean score, and share of the rows whose label is 1. */
  predicted: number;
  actual: number;
  /** Undefined on a day whose labels are all alike. */
  auc?: number | undefined;
  logLoss: number;
  brier: number;
}

/** Something that happened to the model on a day, drawn into the charts. */
export interface ReportMark {
  day: Day;
  kind: 'promoted' | 'refused' | 'insufficient-data' | 'drift';
  /** The version that was judged or that drifted. */
  version: string;
  /** For people, e.g. "v4 promoted: AUC +0.021 (0.016 to 0.026)". */
  text: string;
}

/** The file `reports/<model>.json` in the state folder; `/admin` shows it. */
export interface ModelReport {
  model: string;
  title: string;
  /** The newest complete day. */
  asOf: Day;
  champion?: string | undefined;
  maturityDays: number;
  valueUnit: string;
  /** Days with mature labels, oldest first. */
  days: DayOutcome[];
  marks: ReportMark[];
  /** Treated against held-out entities; undefined before there is anything to compare. */
  experiment?: ArmComparison | undefined;
}
