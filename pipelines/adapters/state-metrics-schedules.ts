import path from 'node:path';
import { nextSlot } from '../core/schedule.ts';
import { readTextIfThere } from './files.ts';
import type { Home } from './home.ts';
import { namesIn, withoutEnding } from './state-metrics-files.ts';
import { sample, secondsOf, type Sample } from './state-metrics-names.ts';

/** When the schedules of workflows ran last and when each was due next, as actions/missed-schedule.ts has noted it. */
export async function scheduleSamples(home: Home): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const name of await namesIn(home.schedules)) {
    const text = await readTextIfThere(path.join(home.schedules, name));
    const slots = JSON.parse(text ?? '{}') as Record<string, string>;
    for (const [cron, slot] of Object.entries(slots)) {
      const labels = { workflow: withoutEnding(name, '.json'), cron };
      const next = nextSlot({ cron }, new Date(slot));
      samples.push(
        ...sample('cleaver_schedule_last_run_timestamp_seconds', secondsOf(slot), labels),
        ...sample('cleaver_schedule_next_due_timestamp_seconds', secondsOf(next?.getTime()), labels),
      );
    }
  }
  return samples;
}
