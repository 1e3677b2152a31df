import type { Helm, Revision } from './helm.ts';

/** The revision that serves, or served last; undefined when none ever did. */
export function goodRevision(history: readonly Revision[]): number | undefined {
  const last = (status: string) => history.findLast((revision) => revision.status === status)?.revision;
  return last('deployed') ?? last('superseded');
}

/**
 * Brings a release that a killed deploy left in the middle (`pending-…`) back to the last revision that served, or removes
 * it when none ever did. Only for who holds the lock. Answers what was done, for people; undefined where nothing was stuck.
 */
export async function recoverRelease(helm: Helm): Promise<string | undefined> {
  const history = await helm.history();
  const last = history.at(-1);
  if (last?.status.startsWith('pending-') !== true) return undefined;
  const stuck = `revision ${last.revision} was left in ${last.status} by a deploy that did not end`;
  const good = goodRevision(history);
  if (good === undefined) {
    await helm.uninstall();
    return `${stuck}; none ever served, so it was removed`;
  }
  await helm.rollback(good, { wait: true });
  return `${stuck}; it was rolled back to revision ${good}`;
}

/**
 * Back to the revision that served before, or to nothing where none did; where helm has gone back by itself nothing is
 * done. Answers the revision that runs now.
 */
export async function restore(
  helm: Helm,
  former: number | undefined,
  options: { wait: boolean },
): Promise<number | undefined> {
  const last = (await helm.history()).at(-1);
  if (former === undefined) {
    if (last !== undefined) await helm.uninstall();
    return undefined;
  }
  const runsAgain = last?.revision === former || last?.description === `Rollback to ${former}`;
  if (last?.status === 'deployed' && runsAgain) return last.revision;
  await helm.rollback(former, options);
  return (last?.revision ?? former) + 1;
}
