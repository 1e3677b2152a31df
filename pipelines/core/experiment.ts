import { hash } from 'node:crypto';
import jstat from 'jstat';

export type Arm = 'treated' | 'holdout';

/** Mean value per entity of one arm, with its spread. */
export interface ArmSummary {
  entities: number;
  /** Value per entity over the time of the experiment, and its sample variance. */
  mean: number;
  variance: number;
}

/** Treated against holdout: difference of the means by Welch's t test. */
export interface ArmComparison {
  treated: ArmSummary;
  holdout: ArmSummary;
  /** treated − holdout, value per entity, and its interval at `confidence`. */
  difference: number;
  low: number;
  high: number;
  confidence: number;
  /** Two-sided. */
  pValue: number;
}

/**
 * The arm that an entity belongs to: always the same within one experiment, drawn anew under another `name`. A larger
 * `holdoutShare` (in [0, 1]) only moves entities into the holdout.
 */
export function assignArm(entityId: string, experiment: { name: string; holdoutShare: number }): Arm {
  const digest = hash('sha256', `${experiment.name}\0${entityId}`);
  // 48 of its bits, as a number in [0, 1).
  const place = Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48;
  return place < experiment.holdoutShare ? 'holdout' : 'treated';
}

/** Mean and sample variance of an arm's values, one per entity; undefined without any. One entity has the variance 0. */
export function summarizeArm(values: readonly number[]): ArmSummary | undefined {
  const entities = values.length;
  if (entities === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / entities;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { entities, mean, variance: squares / Math.max(1, entities - 1) };
}

/**
 * Treated against holdout by Welch's t test (Welch 1947, degrees of freedom by Satterthwaite), with the interval of the
 * difference at `confidence`. Undefined when an arm has fewer than two entities or neither arm varies.
 */
export function compareArms(treated: ArmSummary, holdout: ArmSummary, confidence: number): ArmComparison | undefined {
  if (treated.entities < 2 || holdout.entities < 2) return undefined;
  const treatedError = treated.variance / treated.entities;
  const holdoutError = holdout.variance / holdout.entities;
  const squaredError = treatedError + holdoutError;
  if (squaredError === 0) return undefined;
  const degreesOfFreedom =
    squaredError ** 2 / (treatedError ** 2 / (treated.entities - 1) + holdoutError ** 2 / (holdout.entities - 1));
  const difference = treated.mean - holdout.mean;
  const reach = jstat.studentt.inv((1 + confidence) / 2, degreesOfFreedom) * Math.sqrt(squaredError);
  const squaredT = difference ** 2 / squaredError;
  // By the beta function, since studentt.cdf is off by 0.03 at a million degrees of freedom.
  const pValue = jstat.ibeta(degreesOfFreedom / (degreesOfFreedom + squaredT), degreesOfFreedom / 2, 0.5);
  return {
    treated,
    holdout,
    difference,
    low: difference - reach,
    high: difference + reach,
    confidence,
    pValue,
  };
}
