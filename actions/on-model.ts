import path from 'node:path';
import { homeAt, type Home } from '../pipelines/adapters/home.ts';
import { endLeftoverTrainer } from '../pipelines/adapters/trainer-process.ts';
import { chooseModel } from '../pipelines/config.ts';
import { CleaverError } from '../pipelines/core/errors.ts';
import { withContext, type StepContext } from '../pipelines/steps/context.ts';
import type { Job } from './job.ts';

/** Runs a step on a model (the only one where none is named) in the runner's state folder, under the model's lock. */
export async function onModel<T>(
  verb: string,
  inputs: { model?: string | undefined; 'wait-seconds': number },
  job: Job,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  const home = runnerHome();
  const model = await chooseModel(inputs.model);
  job.line(`${verb} of ${model.name}, state in ${home.root}`);
  const waitMs = inputs['wait-seconds'] * 1000;
  const onProgress = (text: string, part?: { done: number; total: number }) => {
    // A log has no bar that is drawn over: of a long piece of work its end is said.
    if (part === undefined || part.done === part.total) job.line(text);
  };
  return await withContext({ home, model, verb, waitMs, onProgress }, (context) => {
    // Not before the lock is ours: until then a trainer at work is another command's.
    job.onCancel(() => endLeftoverTrainer(context.work));
    return work(context);
  });
}

/** The state folder on the runner. It must lie outside of the checkout, which each job cleans. */
export function runnerHome(): Home {
  const root = process.env['CLEAVER_HOME'] ?? '';
  const workspace = process.env['GITHUB_WORKSPACE'] ?? process.cwd();
  const fromWorkspace = path.relative(workspace, path.resolve(root));
  const isOutside = fromWorkspace.split(path.sep)[0] === '..' || path.isAbsolute(fromWorkspace);
  if (root === '' || !isOutside) {
    const why = root === '' ? 'CLEAVER_HOME is not set' : `CLEAVER_HOME (${root}) lies in the checkout (${workspace})`;
    throw new CleaverError('OPTION_INVALID', `${why}: the next job would begin with an empty state.`, {
      hint: 'Run ./actions/setup before this step, or set CLEAVER_HOME to a folder of its own in the .env file of the runner.',
    });
  }
  return homeAt(root);
}
