import type { Day } from '../../pipelines/core/days.ts';
import type { Dispatcher } from '../../pipelines/steps/dispatch.ts';
import type { Repository } from '../github.ts';

const WORKFLOW = 'retrain.yml';

/**
 * Starts retrain.yml, and finds its runs by the name that its `run-name` gives them: `retrain <model> <batch>`. No batch
 * was sent before its own day.
 */
export function workflowDispatcher(repository: Repository, newsDay: Day): Dispatcher {
  return {
    wasSent: async (model, batch) =>
      (await repository.runTitles(WORKFLOW, newsDay)).includes(`retrain ${model} ${batch}`),
    send: (model, batch) => repository.dispatch('retrain', { model, batch }),
  };
}
