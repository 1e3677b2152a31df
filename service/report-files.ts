import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hasCode, readTextIfThere } from '../pipelines/adapters/files.ts';
import { CleaverError, messageOf } from '../pipelines/core/errors.ts';
import type { ModelReport } from '../pipelines/core/report.ts';

/** The reports that the step `report` leaves, read fresh each time. */
export interface ReportFiles {
  /** Models that have a report, by name. */
  names(): Promise<string[]>;
  /** Undefined when there is none yet. Error: REPORT_INVALID. */
  read(model: string): Promise<ModelReport | undefined>;
}

// JSON has no NaN: a figure that could not be had is written as null.
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const arm = z.object({ entities: z.number(), mean: figure, variance: figure });

const modelReport = z.object({
  model: z.string(),
  title: z.string(),
  asOf: z.string(),
  champion: z.string().optional(),
  maturityDays: z.number(),
  valueUnit: z.string(),
  days: z.array(
    z.object({
      day: z.string(),
      version: z.string(),
      rows: z.number(),
      predicted: figure,
      actual: figure,
      auc: z.number().optional(),
      logLoss: figure,
      brier: figure,
    }),
  ),
  marks: z.array(
    z.object({
      day: z.string(),
      kind: z.enum(['promoted', 'refused', 'insufficient-data', 'drift']),
      version: z.string(),
      text: z.string(),
    }),
  ),
  experiment: z
    .object({
      treated: arm,
      holdout: arm,
      difference: figure,
      low: figure,
      high: figure,
      confidence: z.number(),
      pValue: figure,
    })
    .optional(),
}) satisfies z.ZodType<ModelReport>;

/** The reports `<folder>/<model>.json`. */
export function openReportFiles(folder: string): ReportFiles {
  return {
    async names() {
      const files = await readdir(folder).catch((error: unknown) => {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
        throw error;
      });
      return files
        .filter((file) => file.endsWith('.json'))
        .map((file) => path.basename(file, '.json'))
        .sort();
    },
    async read(model) {
      // The name comes from an address: it must stay within the folder.
      if (!/^[a-z0-9][\w-]*$/i.test(model)) return undefined;
      const file = path.join(folder, `${model}.json`);
      const text = await readTextIfThere(file);
      return text === undefined ? undefined : parseReport(file, model, text);
    },
  };
}

function parseReport(file: string, model: string, text: string): ModelReport {
  try {
    return modelReport.parse(JSON.parse(text));
  } catch (error) {
    throw new CleaverError('REPORT_INVALID', `${file} is not a report: ${messageOf(error)}`, {
      hint: `Write it anew: npx cleaver report --model ${model}`,
      cause: error,
    });
  }
}
