import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';
import type { Job } from '../job.ts';
import { openHelm, type Helm } from './cluster/helm.ts';
import { openCluster, type Cluster } from './cluster/kubectl.ts';
import { takeLock, type LockLimits } from './cluster/lease.ts';
import { goodRevision, recoverRelease, restore } from './cluster/recover.ts';
import type { Inputs } from './options.ts';
import { diffManifests, type ObjectChange } from './plan/manifest-diff.ts';
import { planMarkdown } from './plan/tell-plan.ts';
import type { Programs } from './programs.ts';
import { rollOut, type RolledOut } from './roll-out.ts';
import { verifyImage } from './verify-image.ts';

export interface Released extends Partial<RolledOut> {
  outcome: 'deployed' | 'unchanged' | 'rolled-back' | 'planned';
  revision?: number | undefined;
  formerRevision?: number | undefined;
  reason: string;
}

export interface ReleaseDependencies {
  programs: Programs;
  job: Pick<Job, 'line' | 'annotate' | 'summarize' | 'onCancel' | 'setOutputs'>;
  /** Who this run is, for whoever waits for it. */
  holder: string;
  /** Tells the plan to a pull request. */
  onPlan: (markdown: string) => Promise<void>;
  lock?: LockLimits;
}

/** Verifies, plans, and rolls a release out under its lock; goes back when it is worse than the budgets. */
export async function release(inputs: Inputs, dependencies: ReleaseDependencies): Promise<Released> {
  const { programs, job } = dependencies;
  const { image, namespace, 'verify-key': key, 'plain-http': plainHttp } = inputs;
  const options = { ...inputs, image, timeoutSeconds: inputs['timeout-seconds'], metricsPort: inputs['metrics-port'] };
  if (image !== undefined && key !== undefined) {
    await verifyImage(programs, { image, key, plainHttp });
    job.line(`The signature of ${image} is good.`);
  }
  const helm = await openHelm(programs, options);
  const cluster = openCluster(programs, options);
  job.line(`helm ${helm.version}, release ${inputs.release} in ${namespace}`);
  const isThere = await cluster.namespaceExists();
  if (inputs['dry-run']) {
    await plan(inputs, dependencies, helm, isThere ? cluster : undefined);
    return { outcome: 'planned', reason: 'a dry run: nothing was changed' };
  }
  if (!isThere) await cluster.createNamespace();
  const lock = await takeLock(programs, {
    ...options,
    holder: dependencies.holder,
    waitMs: inputs['wait-seconds'] * 1000,
    onWait: (other) => {
      job.line(`Waiting for ${other}`);
    },
    ...(dependencies.lock && { limits: dependencies.lock }),
  });
  const cancelled = new AbortController();
  let former: number | undefined;
  let isChanging = false;
  job.onCancel(async () => {
    cancelled.abort();
    if (isChanging) await restore(helm, former, { wait: false });
    await lock.free();
  });
  try {
    const recovered = await recoverRelease(helm);
    if (recovered !== undefined) job.annotate('warning', recovered, { title: 'Recovered' });
    former = goodRevision(await helm.history());
    const changes = await plan(inputs, dependencies, helm, cluster);
    if (changes.length === 0 && inputs.compare === 'former') {
      return {
        outcome: 'unchanged',
        revision: former,
        formerRevision: former,
        reason: 'nothing differs from what runs',
      };
    }
    isChanging = true;
    const signal = AbortSignal.any([cancelled.signal, lock.lost]);
    return await rollOutOrBack(inputs, { ...dependencies, helm, cluster, former, signal });
  } finally {
    await cluster.close();
    // A cancelled one gives it back when it has gone back.
    if (!cancelled.signal.aborted) await lock.free();
  }
}

async function plan(
  inputs: Inputs,
  { job, onPlan }: ReleaseDependencies,
  helm: Helm,
  cluster: Cluster | undefined,
): Promise<ObjectChange[]> {
  const [before, after] = [await helm.manifest(), await helm.plan()];
  // Without its namespace an object cannot be judged.
  await cluster?.dryRun(after);
  const changes = diffManifests(before, after);
  const title = inputs.environment === undefined ? inputs.release : `${inputs.release} (${inputs.environment})`;
  const markdown = planMarkdown(title, changes);
  job.summarize(markdown);
  await onPlan(markdown);
  return changes;
}

interface RollOutDependencies extends ReleaseDependencies {
  helm: Helm;
  cluster: Cluster;
  former: number | undefined;
  signal: AbortSignal;
}

async function rollOutOrBack(inputs: Inputs, dependencies: RollOutDependencies): Promise<Released> {
  const { helm, former, job, signal } = dependencies;
  const rolledOut = await rollOut(inputs, dependencies);
  const { reasons, verdict, judgement } = rolledOut;
  if (verdict !== undefined) job.line(`The challenger is ${verdict}: ${judgement.join('; ')}`);
  const isKept = reasons.length === 0 && (inputs.compare === 'former' || verdict === 'promoted');
  if (signal.aborted) {
    throw new CleaverError('RELEASE_BUSY', 'The lock on the release was lost: another run may have taken over.', {
      hint: 'Look at what runs (`helm history`), then run the job again.',
    });
  }
  if (isKept) {
    const revision = (await helm.history()).at(-1)?.revision;
    return { ...rolledOut, outcome: 'deployed', revision, formerRevision: former, reason: '' };
  }
  const reason = reasons[0] ?? judgement[0] ?? '';
  const back = former === undefined ? 'it was removed, as there was none before' : `revision ${former} serves again`;
  let revision: number | undefined;
  try {
    revision = await restore(helm, former, { wait: true });
  } catch (error) {
    throw new CleaverError('ROLLBACK_FAILED', `${reason}; and going back failed: ${messageOf(error)}`, {
      hint: 'Look at what runs (`helm history`, `kubectl get pods`). Run the job again, which recovers the release, or roll back by hand.',
      cause: error,
    });
  }
  const released = { ...rolledOut, outcome: 'rolled-back' as const, revision, formerRevision: former, reason };
  // A challenger that is not taken is a result.
  if (reasons.length === 0) return released;
  job.setOutputs({ outcome: 'rolled-back', revision, 'former-revision': former, reason, verdict });
  job.summarize(`### Rolled back\n\n${reasons.map((one) => `- ${one}`).join('\n')}\n`);
  throw new CleaverError('RELEASE_ROLLED_BACK', `${reason.replace(/\.$/, '')}: ${back}.`, {
    hint: 'Mend what the reason names and deploy again; the former release answers meanwhile.',
  });
}
