import { z } from 'zod';

/** What came of a job (`toJSON(needs)`) or of a step (`toJSON(steps)`), by its id. */
const cameOf = z
  .object({
    result: z.string().optional(),
    conclusion: z.string().optional(),
    // What was not run, a called workflow above all, may have none at all.
    outputs: z.record(z.string(), z.string().nullable()).nullish(),
  })
  .transform(({ result, conclusion, outputs }) => ({
    result: result ?? conclusion ?? 'unknown',
    // An output that was not set is empty.
    outputs: Object.fromEntries(Object.entries(outputs ?? {}).flatMap(([name, text]) => (text ? [[name, text]] : []))),
  }));

export const needsInput = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON: ${{ toJSON(needs) }}' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), cameOf));

export type Needs = z.output<typeof needsInput>;

export type Event = 'start' | 'success' | 'failure' | 'refused';

/** What a message is made from. */
export interface Facts {
  event: Event;
  title?: string | undefined;
  model?: string | undefined;
  at: Date;
  run: Run;
  needs: Needs;
}

/** The run of a workflow, as its environment describes it. */
export interface Run {
  workflow: string;
  repository: string;
  url: string;
  /** From 2 on the run was started again. */
  attempt: number;
  commit: { sha: string; branch: string; url: string };
  /** "octocat (push)" */
  startedBy: string;
}

/** Of what came, the worst decides; a refused challenger is no failure. */
export function eventOf(needs: Needs): Event {
  if (Object.values(needs).some(({ result }) => result === 'failure' || result === 'cancelled')) return 'failure';
  return needs['evaluate']?.outputs['outcome'] === 'refused' || isTurnedDown(needs) ? 'refused' : 'success';
}

/** Whether live requests did not bear out a challenger that the gate had let pass. */
export function isTurnedDown(needs: Needs): boolean {
  return !['promoted', undefined].includes(needs['rollout']?.outputs['verdict']);
}

/** The run from GitHub's variables in the environment. */
export function runFrom(environment: Readonly<Record<string, string | undefined>>): Run {
  const of = (name: string) => environment[`GITHUB_${name}`] ?? '';
  const repository = of('REPOSITORY');
  const home = `${of('SERVER_URL') || 'https://github.com'}/${repository}`;
  const attempt = Number(of('RUN_ATTEMPT')) || 1;
  const sha = of('SHA');
  const actor = of('TRIGGERING_ACTOR') || of('ACTOR');
  const trigger = of('EVENT_NAME');
  return {
    workflow: of('WORKFLOW') || 'workflow',
    repository,
    url: `${home}/actions/runs/${of('RUN_ID')}${attempt > 1 ? `/attempts/${attempt}` : ''}`,
    attempt,
    commit: { sha, branch: of('REF_NAME'), url: `${home}/commit/${sha}` },
    // GitHub names whoever changed the schedule last; nobody has started the run.
    startedBy: trigger === 'schedule' || actor === '' ? trigger : `${actor} (${trigger})`,
  };
}
