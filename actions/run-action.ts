import * as core from '@actions/core';
import type { z } from 'zod';
import { CleaverError } from '../pipelines/core/errors.ts';
import { stackOf } from './describe-thrown.ts';
import { openJob, type Job } from './job.ts';

/** What an action is, apart from its action.yml: inputs → one step → outputs. */
export interface Action<Inputs extends z.ZodObject, Output extends string> {
  /** By the names in action.yml. What is left empty in the workflow is undefined here. */
  inputs: Inputs;
  /** Inputs that must never be seen. */
  secrets?: readonly (keyof z.output<Inputs> & string)[];
  /** The names in action.yml; each action has `error` besides. */
  outputs: readonly Output[];
  run: (inputs: z.output<Inputs>, job: Job) => Promise<Partial<Record<Output, unknown>>>;
  /** False for an action that tells and must not break what it tells about: its own failure is a warning. */
  mayFail?: boolean;
}

/** An action with its types inferred. */
export function defineAction<Inputs extends z.ZodObject, Output extends string>(
  action: Action<Inputs, Output>,
): Action<Inputs, Output> {
  return action;
}

/**
 * Runs an action as a process: reads its inputs, runs its step, sets its outputs, writes the summary, and ends the process
 * with 0, 1 (a bug of ours), 2 (the user's to mend) or 128 and the signal's number. The one place where errors end: what
 * it throws itself too, as the program that awaits it does not catch.
 */
export async function runAction<Inputs extends z.ZodObject, Output extends string>(
  action: Action<Inputs, Output>,
): Promise<never> {
  const job = openJob();
  const matters = action.mayFail ?? true;
  let ending: Promise<never> | undefined;
  // The first end counts: what a cancelled step throws while it is ended is no error of its own.
  const end = (finish: () => number | Promise<number>) => (ending ??= endProcess(job, matters, finish));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => void end(() => job.fail(thrown, matters)));
  }
  process.on('beforeExit', () => void end(() => job.fail(new Error('The step waits for what never comes'), matters)));
  // A cancelled job gets SIGINT, 7.5 s later SIGTERM, and is killed 2.5 s after that.
  for (const [signal, number] of [['SIGINT', 2] as const, ['SIGTERM', 15] as const]) {
    process.on(signal, () => void end(() => job.cancel(signal).then(() => 128 + number)));
  }
  for (const name of action.secrets ?? []) job.hide(core.getInput(name));
  const inputs = readInputs(action.inputs);
  core.debug(`the step begins ${performance.now().toFixed(0)} ms after the process`);
  job.setOutputs(await action.run(inputs, job));
  return await end(() => 0);
}

async function endProcess(
  job: ReturnType<typeof openJob>,
  matters: boolean,
  finish: () => number | Promise<number>,
): Promise<never> {
  let status = 0;
  try {
    status = await finish();
    await job.close();
  } catch (thrown) {
    status ||= matters ? 1 : 0;
    // What tells of errors has one itself: only the log is left.
    job.line(stackOf(thrown));
    core[matters ? 'error' : 'warning']('What this step had to tell is lost; the log says why.', { title: 'BUG' });
  } finally {
    // Where writing to a pipe does not wait, an exit would cut off the log.
    await new Promise((resolve) => process.stdout.write('', resolve));
    process.exit(status);
  }
}

function readInputs<Inputs extends z.ZodObject>(schema: Inputs): z.output<Inputs> {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, core.getInput(name)] as const)
      .filter(([, text]) => text !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: [name], message }) => {
    if (name === undefined) return `  ${message}`;
    return `  ${String(name)}: ${String(name) in given ? message : 'is missing'}`;
  });
  throw new CleaverError('OPTION_INVALID', `The inputs of this step cannot be used:\n${problems.join('\n')}`, {
    hint: "Mend each line under `with:` in the workflow; the action's README.md explains every input.",
  });
}
