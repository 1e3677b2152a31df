import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CleaverError, messageOf } from '../core/errors.ts';
import type { Schedule } from '../core/schedule.ts';

/** The file of a workflow that starts on a schedule. */
export interface ScheduledWorkflow {
  file: string;
  schedules: Schedule[];
  /** Whether it lists workflow_dispatch, and so can be started. */
  startable: boolean;
  /** Why its schedules cannot be read, where that is so; GitHub does not start it either. */
  problem?: string;
}

const schedules = z.array(z.object({ cron: z.string(), timezone: z.string().optional() }));
const workflow = z.object({ on: z.record(z.string(), z.unknown()) });

/** The workflows of a folder that have `on.schedule`, by name. Error: OPTION_INVALID where it cannot be read. */
export async function readScheduledWorkflows(folder: string): Promise<ScheduledWorkflow[]> {
  const files = await readWorkflows(folder);
  return files.flatMap(({ file, text }) => scheduledWorkflow(file, text) ?? []);
}

async function readWorkflows(folder: string): Promise<{ file: string; text: string }[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
    return await Promise.all(
      names.map(async (file) => ({ file, text: await readFile(path.join(folder, file), 'utf8') })),
    );
  } catch (error) {
    throw new CleaverError('OPTION_INVALID', `The workflows in ${folder} cannot be read: ${messageOf(error)}.`, {
      hint: 'Name the folder of the workflow files with --schedules; in the repository it is .github/workflows.',
      cause: error,
    });
  }
}

function scheduledWorkflow(file: string, text: string): ScheduledWorkflow | undefined {
  const broken = (problem: string) => ({ file, schedules: [], startable: false, problem });
  try {
    const { data } = workflow.safeParse(parse(text));
    if (data === undefined || !('schedule' in data.on)) return undefined;
    const read = schedules.safeParse(data.on['schedule']);
    if (!read.success) return broken(`on.schedule: ${z.prettifyError(read.error)}`);
    return { file, schedules: read.data, startable: 'workflow_dispatch' in data.on };
  } catch (error) {
    return broken(`it is no YAML: ${messageOf(error).split('\n')[0] ?? ''}`);
  }
}
