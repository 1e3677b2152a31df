import { aucInterval, pairedAucInterval, type BootstrapOptions, type Interval } from './bootstrap.ts';
import { CleaverError } from './errors.ts';
import { figuresOf, type Figures, type Scores } from './metrics.ts';

/** A model at the gate: its scores of the holdout's rows, and the hash of its file. */
interface Contender {
  scores: Scores;
  sha256: string;
}

export interface GateInput {
  /** The holdout: 0 or 1 per row, and whom the row is about as ids 0, 1, 2, … without gaps. */
  labels: Uint8Array;
  entities: Int32Array;
  /** Absent for the first model. */
  champion?: Contender | undefined;
  challenger: Contender;
  /** The thresholds of the manifest, explained under `gate` there. */
  minClassRows: number;
  confidence: number;
  minGain: number;
  /** Resamples of the bootstrap and its seed, a whole number. */
  resamples?: number | undefined;
  seed: number;
}

type Decision = 'promoted' | 'refused' | 'insufficient-data';

export interface Judgement {
  decision: Decision;
  /** For people, e.g. "AUC +0.012 (0.008 to 0.016): better with 95 % confidence". */
  reasons: string[];
  champion?: Figures | undefined;
  challenger: Figures;
  /** AUC of the challenger − AUC of the champion. */
  difference?: Interval | undefined;
  /** AUC of each on the same resamples. Undefined where none were drawn, and in records of before there were any. */
  intervals?: { champion?: Interval | undefined; challenger: Interval } | undefined;
}

/** Enough for a 95 % interval: ten resamples lie outside at each end. */
const DEFAULT_RESAMPLES = 400;

/**
 * Decides whether a challenger becomes champion. It must be surely better: the low end of the interval of its AUC gain
 * lies above `minGain`, and its log loss is not higher. A first model must surely beat chance: the low end of the
 * interval of its AUC lies above 0.5. Error: MODEL_FILE_INVALID for scores outside [0, 1].
 */
export function judge(input: GateInput): Judgement {
  const challenger = measure('challenger', input, input.challenger);
  const champion = input.champion && measure('champion', input, input.champion);
  const judgement = { champion, challenger };
  if (input.champion?.sha256 === input.challenger.sha256) {
    const hash = input.challenger.sha256.slice(0, 12);
    return { ...judgement, decision: 'refused', reasons: [`The challenger is the champion's own file (${hash})`] };
  }
  const missing = shortage(challenger, input.minClassRows);
  if (missing !== undefined) return { ...judgement, decision: 'insufficient-data', reasons: [missing] };
  return input.champion && champion
    ? { ...judgement, champion, ...compare(input, input.champion, champion, challenger) }
    : { ...judgement, ...judgeFirst(input) };
}

type Verdict = Pick<Judgement, 'decision' | 'reasons' | 'difference' | 'intervals'>;

const oneEntity: Verdict = {
  decision: 'insufficient-data',
  reasons: ['The holdout has one entity only; no interval can be drawn'],
};

function compare(input: GateInput, rival: Contender, champion: Figures, challenger: Figures): Verdict {
  const { minGain } = input;
  const drawn = pairedAucInterval({
    ...bootstrapOf(input),
    champion: rival.scores,
    challenger: input.challenger.scores,
  });
  if (drawn === undefined) return oneEntity;
  const { difference: gain, ...intervals } = drawn;
  const better = gain.low > minGain;
  const notWorse = challenger.logLoss <= champion.logLoss;
  // Three digits read well, but must not hide on which side of the bar the interval ends.
  const digits = Math.abs(gain.low - minGain) < 0.0005 ? 6 : 3;
  const bar = minGain > 0 ? ` by more than ${minGain}` : '';
  const sign = gain.value < 0 ? '' : '+';
  const range = `${gain.low.toFixed(digits)} to ${gain.high.toFixed(digits)}`;
  const losses = `${challenger.logLoss.toFixed(5)} against ${champion.logLoss.toFixed(5)}`;
  return {
    decision: better && notWorse ? 'promoted' : 'refused',
    reasons: [
      `AUC ${sign}${gain.value.toFixed(digits)} (${range}): ${better ? '' : 'not '}better${bar} ${surety(input)}`,
      `Log loss ${losses}: ${notWorse ? 'not worse' : 'worse'}`,
    ],
    difference: gain,
    intervals,
  };
}

function judgeFirst(input: GateInput): Verdict {
  const auc = aucInterval({ ...bootstrapOf(input), scores: input.challenger.scores });
  if (auc === undefined) return oneEntity;
  const better = auc.low > 0.5;
  const figures = `AUC ${auc.value.toFixed(3)} (${auc.low.toFixed(3)} to ${auc.high.toFixed(3)})`;
  return {
    decision: better ? 'promoted' : 'refused',
    reasons: [`First model, ${figures}: ${better ? '' : 'not '}better than chance ${surety(input)}`],
    intervals: { challenger: auc },
  };
}

function bootstrapOf({
  labels,
  entities,
  confidence,
  resamples = DEFAULT_RESAMPLES,
  seed,
}: GateInput): BootstrapOptions {
  return { labels, entities, confidence, resamples, seed };
}

function measure(role: string, { labels }: GateInput, { scores, sha256 }: Contender): Figures {
  let wrong = 0;
  for (const score of scores) if (!(score >= 0 && score <= 1)) wrong += 1;
  if (wrong === 0) return figuresOf(labels, scores);
  throw new CleaverError(
    'MODEL_FILE_INVALID',
    `${wrong} of the ${role}'s ${scores.length} holdout scores are no numbers in [0, 1] (file ${sha256.slice(0, 12)})`,
    { hint: 'Export a model that gives a probability for every row, also where features are missing.' },
  );
}

function shortage({ rows, positives }: Figures, minClassRows: number): string | undefined {
  const negatives = rows - positives;
  if (Math.min(positives, negatives) >= minClassRows) return undefined;
  return `The holdout has ${positives} positive and ${negatives} negative rows; the gate needs ${minClassRows} of each`;
}

function surety({ confidence }: GateInput): string {
  return `with ${Number((confidence * 100).toFixed(2))} % confidence`;
}
