import path from 'node:path';
import type { GithubAccess } from '../adapters/github/client.ts';
import { openWorkflows, type Workflows } from '../adapters/github/workflows.ts';
import { homeAt } from '../adapters/home.ts';
import { martFiles } from '../adapters/mart-files.ts';
import { readScheduledWorkflows } from '../adapters/workflow-files.ts';
import { loadModel, modelNames } from '../config.ts';
import { catchUp, type CatchUpResult } from '../steps/catch-up.ts';
import { newestDay, withContext } from '../steps/context.ts';
import { dispatchNews, RETRAIN_WORKFLOW } from '../steps/dispatch.ts';
import { describeError, type PersonConsole } from './console.ts';
import type { Answer, Options } from './program.ts';

/** GitHub starts a schedule late, at busy hours by more than one; what has not come by then is taken for dropped. */
const GRACE_MINUTES = 90;

const TOKEN: GithubAccess['advice'] = {
  missing: tokenAdvice('Set GITHUB_TOKEN to a token for the repository'),
  refused: tokenAdvice('It may have expired: set GITHUB_TOKEN to a new token'),
  lacking: (permissions) => tokenAdvice(`Give the token in GITHUB_TOKEN ${permissions}`),
};

interface NewsOfModel {
  model: string;
  outcome: 'retrain' | 'nothing-to-do' | 'no-state';
  reason: string;
  batch?: string | undefined;
  dispatched: boolean;
}

/**
 * Starts retrain.yml where a model has news, and the workflows whose schedule GitHub dropped. Each model and each workflow
 * is looked at though another fails; then the first failure is thrown.
 */
export async function dispatchWorkflows(options: Options, console: PersonConsole): Promise<Answer> {
  const { owner, repo } = options['dispatch'] as Pick<GithubAccess, 'owner' | 'repo'>;
  const scheduled = await readScheduledWorkflows(schedulesFolder(options));
  const workflows = openWorkflows({ owner, repo, token: process.env['GITHUB_TOKEN'] ?? '', advice: TOKEN });
  const names = options.model === undefined ? await modelNames() : [options.model];
  const news = await eachOf(names, (name) => lookForNews(name, workflows, options, console));
  const now = new Date();
  let listing: ReturnType<Workflows['list']> | undefined;
  const schedules = await eachOf(scheduled, async (one) => {
    listing ??= workflows.list();
    const known = (await listing).find(({ file }) => file === one.file);
    return await catchUp(workflows, { scheduled: one, known, now, graceMinutes: GRACE_MINUTES });
  });
  const answer = answerOf(`${owner}/${repo}`, news.done, schedules.done);
  const failures = [...new Set([...news.failures, ...schedules.failures])];
  if (failures.length === 0) return answer;
  // On stderr: stdout is for the first failure.
  for (const text of [answer.text, ...failures.slice(1).map(describeError)]) console.line(text);
  throw failures[0];
}

async function lookForNews(
  name: string,
  workflows: Workflows,
  options: Options,
  console: PersonConsole,
): Promise<NewsOfModel> {
  const [home, model] = [homeAt(), await loadModel(name)];
  // Looked for before the lock is: where no state is mounted, none is to be made.
  const days = await martFiles(home, model).featureDays();
  if (days.length === 0) {
    const reason = `no mart of it lies in ${home.root}, so its news are left to watch.yml`;
    return { model: name, outcome: 'no-state', reason, dispatched: false };
  }
  const waitMs = Number(options['wait']) * 1000;
  const onProgress = console.progress.bind(console);
  const { news, dispatched } = await withContext(
    { home, model, verb: 'watch', waitMs, onProgress },
    async (context) => await dispatchNews(context, await newestDay(context), workflows),
  );
  const { retrain, reason, batch } = news;
  return { model: name, outcome: retrain ? 'retrain' : 'nothing-to-do', reason, batch, dispatched };
}

/** Works on one after the other, whatever becomes of the former. */
async function eachOf<T, R>(
  all: readonly T[],
  work: (one: T) => Promise<R>,
): Promise<{ done: R[]; failures: unknown[] }> {
  const [done, failures]: [R[], unknown[]] = [[], []];
  for (const one of all) {
    try {
      done.push(await work(one));
    } catch (error) {
      failures.push(error);
    }
  }
  return { done, failures };
}

function answerOf(repository: string, news: NewsOfModel[], schedules: CatchUpResult[]): Answer {
  const dispatched = [
    ...news
      .filter((one) => one.dispatched)
      .map(({ model, batch, reason }) => ({ workflow: RETRAIN_WORKFLOW, model, batch, reason })),
    ...schedules
      .filter(({ outcome }) => outcome === 'started')
      .map(({ workflow, due, reason }) => ({ workflow, due, reason })),
  ];
  const lines = [
    ...news.map(({ model, reason, outcome, dispatched: sent }) => {
      const started = sent ? 'retraining started' : 'retraining was started before';
      return `${model}: ${outcome === 'retrain' ? started : outcome}, as ${reason}`;
    }),
    ...schedules.map(({ workflow, outcome, reason, enabled }) => {
      return `${workflow}: ${enabled ? 'enabled, ' : ''}${outcome}, as ${reason}`;
    }),
  ];
  const outcome = dispatched.length > 0 ? 'dispatched' : 'nothing-to-do';
  return { json: { outcome, repository, dispatched, news, schedules }, text: lines.join('\n') };
}

function schedulesFolder({ schedules }: Options): string {
  const ours = path.join(import.meta.dirname, '..', '..', '.github', 'workflows');
  return path.resolve((schedules as string | undefined) ?? ours);
}

function tokenAdvice(what: string): string {
  return `${what}. It needs \`actions: write\` and \`contents: write\` (of a fine-grained token: Repository permissions).`;
}
