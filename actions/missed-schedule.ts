import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { placeText } from '../pipelines/adapters/files.ts';
import type { Home } from '../pipelines/adapters/home.ts';
import { messageOf } from '../pipelines/core/errors.ts';
import { lastSlot, MAX_SLOTS, slotsBetween } from '../pipelines/core/schedule.ts';
import type { Job } from './job.ts';

/** By cron text, when the last run was due. */
const slots = z.record(z.string(), z.iso.datetime());

/**
 * On a schedule, warns of the runs that were due since the former one and did not come; GitHub itself says nothing. Never
 * throws: a record that cannot be read begins anew.
 */
export async function tellMissedRuns(home: Home, job: Job, now: Date): Promise<void> {
  const schedule = await scheduleOf();
  const slot = schedule && lastSlot(schedule, now);
  if (schedule === undefined || slot === undefined) return;
  const file = path.join(home.schedules, `${schedule.workflow}.json`);
  try {
    const known = slots.safeParse(await readJson(file)).data ?? {};
    const former = known[schedule.cron];
    const missed = former === undefined ? [] : slotsBetween(schedule, new Date(former), slot);
    if (missed.length > 0) job.annotate('warning', textOf(schedule, missed), { title: 'Missed schedule' });
    if (former === slot.toISOString()) return;
    const text = JSON.stringify({ ...known, [schedule.cron]: slot }, undefined, 2);
    await placeText(file, path.join(home.work, '.schedules'), `${text}\n`);
  } catch (error) {
    job.line(`Whether a schedule was missed cannot be said: ${messageOf(error)}`);
  }
}

interface WorkflowSchedule {
  cron: string;
  /** The name of the workflow's file, without its ending. */
  workflow: string;
}

async function scheduleOf(): Promise<WorkflowSchedule | undefined> {
  if (process.env['GITHUB_EVENT_NAME'] !== 'schedule') return undefined;
  const event = await readJson(process.env['GITHUB_EVENT_PATH'] ?? '');
  const { data } = z.object({ schedule: z.string() }).safeParse(event);
  const file = /\/([^/]+)\.ya?ml@/.exec(process.env['GITHUB_WORKFLOW_REF'] ?? '')?.[1];
  const workflow = file ?? process.env['GITHUB_WORKFLOW'] ?? 'workflow';
  return data && { cron: data.schedule, workflow: workflow.replaceAll(/[^\w-]/g, '-') };
}

/** Undefined for what is not there or is no JSON. */
async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function textOf({ cron, workflow }: WorkflowSchedule, missed: readonly Date[]): string {
  const count = missed.length < MAX_SLOTS ? String(missed.length) : `${MAX_SLOTS} or more`;
  const [first, last] = [missed[0], missed.at(-1)].map((slot) => slot?.toISOString().slice(0, 16).replace('T', ' '));
  const due = first === last ? `on ${first ?? ''}` : `from ${first ?? ''} to ${last ?? ''}`;
  return [
    `${count} ${missed.length === 1 ? 'run' : 'runs'} of ${workflow} did not come: \`${cron}\` was due ${due} UTC.`,
    'GitHub drops schedules under load, and stops them after 60 days without a commit; a runner that is off misses them too.',
    `What to do: nothing, this run takes in all days since. If it comes often: \`gh workflow view ${workflow}.yml\` says whether GitHub has disabled it, \`gh workflow enable ${workflow}.yml\` starts it again.`,
  ].join('\n');
}
