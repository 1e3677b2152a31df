import * as core from '@actions/core';
import type { z } from 'zod';
import { CleaverError } from '../pipelines/core/errors.ts';
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
 * with 0, 1 (a bug of ours) or 2 (the user's to mend). The one place that catches.
 */
export async function runAction<Inputs extends z.ZodObject, Output extends string>(
  action: Action<Inputs, Output>,
): Promise<never> {
  const job = openJob();
  const end = async (thrown?: unknown, status?: number): Promise<never> => {
    let exitStatus = status ?? 0;
    if (thrown !== undefined) exitStatus = job.fail(thrown, action.mayFail ?? true);
    await job.close();
    process.exit(exitStatus);
  };
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.once(event, (thrown: unknown) => void end(thrown ?? new Error(`${event} without a value`)));
  }
  // A cancelled job gets SIGINT, 7.5 s later SIGTERM, and is killed 2.5 s after that.
  for (const [signal, number] of [['SIGINT', 2] as const, ['SIGTERM', 15] as const]) {
    process.once(signal, () => void job.cancel(signal).then(() => end(undefined, 128 + number)));
  }
  try {
    for (const name of action.secrets ?? []) job.hide(core.getInput(name));
    const inputs = readInputs(action.inputs);
    core.debug(`the step begins ${performance.now().toFixed(0)} ms after the process`);
    const outputs = await action.run(inputs, job);
    for (const [name, value] of Object.entries(outputs)) if (value !== undefined) core.setOutput(name, value);
  } catch (thrown) {
    return await end(thrown);
  }
  return await end();
}

function readInputs<Inputs extends z.ZodObject>(schema: Inputs): z.output<Inputs> {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, core.getInput(name)] as const)
      .filter(([, text]) => text !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? `  ${message}` : `  ${path.join('.')}: ${message}`,
  );
  throw new CleaverError('OPTION_INVALID', `The inputs of this step cannot be used:\n${problems.join('\n')}`, {
    hint: "Mend each line under `with:` in the workflow; the action's README.md explains every input.",
  });
}
