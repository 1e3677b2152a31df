import path from 'node:path';
import type { ModelReport } from '../core/report.ts';
import { placeText, readTextIfThere } from './files.ts';
import type { Home } from './home.ts';

/** A model's newest report, or undefined before the first. */
export async function readReport(home: Home, model: string): Promise<ModelReport | undefined> {
  const text = await readTextIfThere(reportFile(home, model));
  return text === undefined ? undefined : (JSON.parse(text) as ModelReport);
}

/** Replaces a model's report. Error: DISK_FULL. */
export async function writeReport(home: Home, report: ModelReport, work: string): Promise<void> {
  await placeText(reportFile(home, report.model), work, `${JSON.stringify(report)}\n`);
}

function reportFile(home: Home, model: string): string {
  return path.join(home.reports, `${model}.json`);
}
