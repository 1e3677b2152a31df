import { describe, expect, test } from 'vitest';
import { chooseOffers, type DeliveredScore } from './choose-offers.ts';

const rule = { day: '2025-03-10', lastOffers: new Map<number, string>() };

/** Customers 1 to 10, the first with the highest score; those of `holdout` are held out. */
function delivered(...holdout: number[]): DeliveredScore[] {
  return Array.from({ length: 10 }, (_, index) => ({
    entityId: String(index + 1),
    score: 1 - index / 10,
    arm: holdout.includes(index + 1) ? 'holdout' : 'treated',
  }));
}

describe('whom to send an offer', () => {
  test('the highest fifth gets one', () => {
    expect(chooseOffers(delivered(), rule)).toEqual([1, 2]);
  });

  test('the order of the rows says nothing', () => {
    expect(chooseOffers(delivered().reverse(), { ...rule, share: 0.4 })).toEqual([1, 2, 3, 4]);
  });

  test('a held-out customer gets none, and nobody moves up', () => {
    expect(chooseOffers(delivered(1), rule)).toEqual([2]);
  });

  test('seven days lie between the mornings of two offers', () => {
    expect(
      chooseOffers(delivered(), {
        ...rule,
        lastOffers: new Map([
          [1, '2025-03-05'],
          [2, '2025-03-04'],
        ]),
      }),
    ).toEqual([2]);
  });

  test('equal scores rank by number', () => {
    const equal = delivered().map((row) => ({ ...row, score: 0.5 }));
    expect(chooseOffers(equal.reverse(), rule)).toEqual([1, 2]);
  });

  test('without predictions nobody gets an offer', () => {
    expect(chooseOffers([], rule)).toEqual([]);
  });
});
