import type { ServiceFigures } from './service-figures.ts';
import { shiftOf } from './stability.ts';
import { surelyFewer, surelyMore } from './surely.ts';

/** What becomes of a challenger that scored a share of the live requests. */
export interface ChallengerVerdict {
  /** `undecided`: too few rows to be sure of either. */
  verdict: 'promoted' | 'dropped' | 'undecided';
  /** For people. */
  reasons: string[];
}

export interface ChallengerInput {
  current: ServiceFigures;
  budgets: { errorRate: number; scoreShift: number };
  /** The probability of a wrong verdict for each question asked. */
  risk: number;
}

const MIN_ROWS = 500;

/**
 * Judges the challengers of all models by what they did with live requests: dropped when one surely fails more often, or
 * surely scores otherwise, than the budgets allow; promoted when all are surely within them. Whether the scores are better
 * is the gate's question, answered before on rows whose outcome is known.
 */
export function judgeChallenger({ current, budgets, risk }: ChallengerInput): ChallengerVerdict {
  const { challengers } = current;
  if (challengers.length === 0) return { verdict: 'undecided', reasons: ['no pod of the release has a challenger'] };
  const verdicts = challengers.map((challenger) => judgeOne(challenger, current, budgets, risk));
  const dropped = verdicts.filter(({ verdict }) => verdict === 'dropped');
  const undecided = verdicts.filter(({ verdict }) => verdict === 'undecided');
  const [decisive, verdict] =
    dropped.length > 0
      ? ([dropped, 'dropped'] as const)
      : undecided.length > 0
        ? ([undecided, 'undecided'] as const)
        : ([verdicts, 'promoted'] as const);
  return { verdict, reasons: decisive.flatMap(({ reasons }) => reasons) };
}

function judgeOne(
  { model, version, tries, failures }: ServiceFigures['challengers'][number],
  { champions, scores }: ServiceFigures,
  budgets: ChallengerInput['budgets'],
  risk: number,
): ChallengerVerdict {
  const champion = champions.find((one) => one.model === model)?.version ?? 'no champion';
  const of = (wanted: string) => scores.find((one) => one.model === model && one.version === wanted)?.histogram;
  const [expected, actual] = [of(champion), of(version)];
  const name = `${model} ${version}`;
  const failed = `${name} failed ${failures} of ${tries} times; the budget is ${budgets.errorRate * 100} %`;
  if (surelyMore(failures, tries, budgets.errorRate, risk)) return { verdict: 'dropped', reasons: [failed] };
  const few = Math.min(expected?.total ?? 0, actual?.total ?? 0);
  if (expected === undefined || actual === undefined || few < MIN_ROWS) {
    return { verdict: 'undecided', reasons: [`${name} and ${champion}: ${few} of ${MIN_ROWS} rows to compare`] };
  }
  const { index, chance } = shiftOf(expected, actual, risk);
  const shift = `${name} scores ${actual.total} rows with a stability index of ${index.toFixed(2)} against ${champion}; the budget is ${budgets.scoreShift}`;
  if (index > budgets.scoreShift + chance) {
    return { verdict: 'dropped', reasons: [`${shift}, and chance explains ${chance.toFixed(2)}`] };
  }
  // By chance the index is too high on average, so one within the budget is not taken further apart.
  if (index <= budgets.scoreShift && surelyFewer(failures, tries, budgets.errorRate, risk)) {
    return { verdict: 'promoted', reasons: [failed, shift] };
  }
  return { verdict: 'undecided', reasons: [`${failed}: not yet sure`, shift] };
}
