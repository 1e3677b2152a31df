/** Lets so many things of a second through. */
export interface LogBudget {
  /** Whether one more may pass; one that may not is counted under `kind`. */
  take(kind: string): boolean;
  /** Ends the second now. */
  close(): void;
}

/** A budget of `limit` a second; when one ends in which more came, `tell` hears how many more, by kind. */
export function budgetPerSecond(limit: number, tell: (beyond: Record<string, number>) => void): LogBudget {
  let taken = 0;
  let beyond: Record<string, number> = {};
  let timer: NodeJS.Timeout | undefined;
  const endSecond = () => {
    clearTimeout(timer);
    timer = undefined;
    taken = 0;
    if (Object.keys(beyond).length > 0) tell(beyond);
    beyond = {};
  };
  return {
    take(kind) {
      // A second begins with what comes first in it, so that a quiet service has no timer.
      timer ??= setTimeout(endSecond, 1000).unref();
      taken += 1;
      if (taken <= limit) return true;
      beyond[kind] = (beyond[kind] ?? 0) + 1;
      return false;
    },
    close: endSecond,
  };
}
