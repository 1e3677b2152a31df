import type { ExceptionResult, TestedPath } from '../result.ts';

export const PATH_STATES = ['asserted', 'reached', 'survivor', 'unreached', 'not-tried', 'waived'] as const;

/** The one state that a reader is shown for a path. */
export type PathState = (typeof PATH_STATES)[number];

/** How a state is shown: its letter stands beside the colour, for those who do not see that. */
export const STATE_LOOKS: Readonly<Record<PathState, { letter: string; label: string; meaning: string }>> = {
  asserted: { letter: 'A', label: 'asserted', meaning: 'a test fails when its effect is taken away' },
  reached: { letter: 'R', label: 'reached only', meaning: 'a test gets there; whether one looks at it is not known' },
  survivor: { letter: 'S', label: 'survivor', meaning: 'its effect was taken away, and no test noticed' },
  unreached: { letter: 'U', label: 'unreached', meaning: 'no test gets there' },
  'not-tried': { letter: 'N', label: 'not tried', meaning: 'reached; there was no time to take its effect away' },
  waived: { letter: 'W', label: 'waived', meaning: 'excused in the line above, until a date' },
};

/** The state of a path after a run of the given level. */
export function stateOf(path: TestedPath, level: ExceptionResult['level']): PathState {
  if (path.waived !== undefined) return 'waived';
  if (path.count === 0) return 'unreached';
  if (path.survivors.length > 0) return 'survivor';
  if (path.notTried.length > 0) return 'not-tried';
  return level > 1 && path.mutations.length > 0 ? 'asserted' : 'reached';
}
