import { daysBetween, type Day } from '../../pipelines/core/days.ts';
import type { Arm } from '../../pipelines/core/experiment.ts';

/** One delivered row: the score of a customer and the arm of the experiment. */
export interface DeliveredScore {
  entityId: string;
  score: number;
  arm: Arm;
}

export interface OfferRule {
  /** The end of this day is when the offers are decided. */
  day: Day;
  /** The newest offer of each customer who got one; see `Shop.lastOffers`. */
  lastOffers: ReadonlyMap<number, Day>;
  /** Share of all customers, of both arms, whose scores count as high. */
  share?: number;
  /** Days that must lie between two offers to one customer, counted to the morning on which the new one is sent. */
  restDays?: number;
}

/**
 * The customers who get an offer tomorrow morning: treated, among the highest scores, and not in their rest. The
 * threshold is drawn over both arms, so that treated customers are chosen just as held-out ones would have been.
 * Numbers in rising order; equal scores rank by number.
 */
export function chooseOffers(predictions: readonly DeliveredScore[], rule: OfferRule): number[] {
  const { day, lastOffers, share = 0.2, restDays = 7 } = rule;
  const ranked = predictions
    .map(({ entityId, score, arm }) => ({ customerId: Number(entityId), score, arm }))
    .sort((a, b) => b.score - a.score || a.customerId - b.customerId);
  const rested = (customerId: number) => {
    const last = lastOffers.get(customerId);
    return last === undefined || daysBetween(last, day) + 1 >= restDays;
  };
  return ranked
    .slice(0, Math.round(ranked.length * share))
    .filter(({ customerId, arm }) => arm === 'treated' && rested(customerId))
    .map(({ customerId }) => customerId)
    .sort((a, b) => a - b);
}
