import { openRepository } from '../github.ts';
import { defineAction, runAction } from '../run-action.ts';
import { inputs } from './options.ts';
import { openPrograms } from './programs.ts';
import { release } from './release.ts';

export const action = defineAction({
  inputs,
  secrets: ['token'],
  outputs: ['outcome', 'revision', 'former-revision', 'reason', 'image', 'seconds', 'verdict'],
  async run(given, job) {
    const start = performance.now();
    const seconds = () => Math.round((performance.now() - start) / 1000);
    const { 'pull-request': pull, token = '', image, environment = given.release } = given;
    const repository = pull === undefined ? undefined : openRepository(token);
    job.setOutputs({ image });
    const released = await release(given, {
      programs: openPrograms(),
      job,
      holder: holderOf(process.env),
      async onPlan(markdown) {
        if (pull !== undefined) await repository?.placeComment(pull, `<!-- cleaver-plan:${environment} -->`, markdown);
      },
    });
    const { outcome, revision, formerRevision, reason, verdict } = released;
    const title = { deployed: 'Deployed', unchanged: 'Unchanged', planned: 'Planned', 'rolled-back': 'Dropped' }[
      outcome
    ];
    job.summarize(`### ${title}: revision ${revision ?? '–'}, after ${seconds()} s\n\n${reason}\n`);
    return { outcome, revision, 'former-revision': formerRevision, reason, seconds: seconds(), verdict };
  },
});

/** The run, so that whoever waits for it can look at it; of several attempts and jobs each is another. */
function holderOf(environment: Readonly<Record<string, string | undefined>>): string {
  const of = (name: string) => environment[`GITHUB_${name}`] ?? '';
  const run = `${of('SERVER_URL')}/${of('REPOSITORY')}/actions/runs/${of('RUN_ID')}`;
  return `${run}/attempts/${of('RUN_ATTEMPT')} ${of('JOB')} ${crypto.randomUUID().slice(0, 8)}`;
}

if (import.meta.main) await runAction(action);
