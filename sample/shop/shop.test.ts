import { describe, expect, test } from 'vitest';
import { addDays } from '../../pipelines/core/days.ts';
import type { DayRows } from './day-rows.ts';
import { createShop, type Shop } from './shop.ts';

const FIRST_DAY = '2025-01-06';

function shopOf(customers: number, changeAfterDays = 1000, seed = 11): Shop {
  return createShop({ seed, customers, firstDay: FIRST_DAY, changeDay: addDays(FIRST_DAY, changeAfterDays) });
}

function liveDays(shop: Shop, days: number, offered: (day: number) => number[] = () => []): DayRows[] {
  return Array.from({ length: days }, (_, index) => {
    const day = shop.today === undefined ? shop.firstDay : addDays(shop.today, 1);
    return shop.live(day, offered(index));
  });
}

function orderedWithin(rows: DayRows[]): Set<number> {
  return new Set(rows.flatMap((day) => day.orders.customerId));
}

describe('the living shop', () => {
  test('the same seed and offers give the same rows', () => {
    const offered = (day: number) => (day === 3 ? [1, 2, 3] : []);
    expect(liveDays(shopOf(300), 20, offered)).toEqual(liveDays(shopOf(300), 20, offered));
    expect(liveDays(shopOf(300), 20)).not.toEqual(liveDays(shopOf(300, 1000, 12), 20));
  });

  test('days are lived in order', () => {
    const shop = shopOf(10);
    expect(shop.today).toBeUndefined();
    shop.live(FIRST_DAY, []);
    expect(shop.today).toBe(FIRST_DAY);
    expect(() => shop.live(FIRST_DAY, [])).toThrow('2025-01-07 is next, not 2025-01-06');
  });

  test('an offer to somebody who is not there is refused and changes nothing', () => {
    const shop = shopOf(100);
    liveDays(shop, 3);
    expect(() => shop.live(addDays(FIRST_DAY, 3), [5, 101])).toThrow('no customer 101');
    expect(shop.today).toBe(addDays(FIRST_DAY, 2));
    expect(shop.lastOffers()).toEqual(new Map());
  });

  test('all rows lie within the day, after the morning offers, and every order follows a visit', () => {
    const [, rows] = liveDays(shopOf(5000), 2, (day) => (day === 1 ? [1] : []));
    expect(rows?.offers).toEqual({ customerId: [1], second: [6 * 3600], cost: [0.4] });
    const seconds = [...(rows?.visits.second ?? []), ...(rows?.orders.second ?? [])];
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(7 * 3600);
    expect(Math.max(...seconds)).toBeLessThan(24 * 3600);
    const firstVisit = new Map<number, number>();
    for (const [index, id] of rows?.visits.customerId.entries() ?? []) {
      firstVisit.set(id, Math.min(firstVisit.get(id) ?? Infinity, rows?.visits.second[index] ?? 0));
    }
    expect(rows?.orders.customerId.length).toBeGreaterThan(20);
    const early = rows?.orders.customerId.filter(
      (id, index) => (rows.orders.second[index] ?? 0) < (firstVisit.get(id) ?? Infinity),
    );
    expect(early).toEqual([]);
  });

  test('customers join on the way, each on one day, and act only from then on', () => {
    const known = new Set<number>();
    for (const rows of liveDays(shopOf(2000), 40)) {
      for (const id of rows.joined.customerId) {
        expect(known.has(id)).toBe(false);
        known.add(id);
      }
      const strangers = [...rows.visits.customerId, ...rows.orders.customerId].filter((id) => !known.has(id));
      expect(strangers).toEqual([]);
    }
    expect(known.size).toBe(1900 + 20);
  });

  test('an offer changes only what the customers who got it do, and only for three days', () => {
    const lucky = new Set(Array.from({ length: 500 }, (_, index) => index + 1));
    const without = liveDays(shopOf(3000), 20);
    const withOffer = liveDays(shopOf(3000), 20, (day) => (day === 10 ? [...lucky] : []));
    const changed = withOffer.map(({ orders }, day) => {
      const before = new Set(without[day]?.orders.customerId);
      return orders.customerId.filter((id) => !before.has(id));
    });
    expect(changed.flat().every((id) => lucky.has(id))).toBe(true);
    expect(changed.flatMap((ids, day) => (ids.length > 0 ? [day] : [])).every((day) => day >= 10 && day <= 12)).toBe(
      true,
    );
    expect(changed.flat().length).toBeGreaterThan(3);
  });

  test('it remembers the newest offer of each customer', () => {
    const shop = shopOf(100);
    liveDays(shop, 5, (day) => (day === 1 ? [1, 2] : day === 4 ? [2] : []));
    expect(shop.lastOffers()).toEqual(
      new Map([
        [1, '2025-01-07'],
        [2, '2025-01-10'],
      ]),
    );
  });

  test('a fork leaves the shop that it came from alone', () => {
    const [shop, same] = [shopOf(200), shopOf(200)];
    liveDays(shop, 10);
    liveDays(same, 10);
    liveDays(shop.fork(1), 5, () => [1]);
    expect(liveDays(shop, 5)).toEqual(liveDays(same, 5));
  });
});

describe('the truth', () => {
  // 400 customers × 800 futures. The statistic adds, for each customer, the squared distance of the count of futures
  // with an order from the expected one in units of its variance: chi-squared with as many degrees as customers.
  test.each([
    { title: 'on ordinary days', changeAfterDays: 1000, offers: [] },
    { title: 'across the change of taste', changeAfterDays: 33, offers: [] },
    { title: 'with offers at work and to come', changeAfterDays: 1000, offers: [28, 29, 30, 34] },
  ])('is the share of futures with an order, for each customer, $title', ({ changeAfterDays, offers }) => {
    const customers = Array.from({ length: 300 }, (_, index) => index + 1);
    const offered = (day: number) => (offers.includes(day) ? customers : []);
    const shop = shopOf(420, changeAfterDays);
    liveDays(shop, 30, offered);
    const truth = shop.truth(Array.from({ length: 7 }, (_, ahead) => offered(30 + ahead)));
    const futures = 800;
    const counts = new Float64Array(truth.length);
    for (let future = 0; future < futures; future++) {
      const ordered = orderedWithin(liveDays(shop.fork(1000 + future), 7, (ahead) => offered(30 + ahead)));
      for (const id of ordered) if (id <= counts.length) counts[id - 1] = (counts[id - 1] ?? 0) + 1;
    }
    const squares = truth.map((p, index) => ((counts[index] ?? 0) - futures * p) ** 2 / (futures * p * (1 - p)));
    const statistic = squares.reduce((sum, square) => sum + square, 0);
    const spread = 4 * Math.sqrt(2 * truth.length);
    expect(statistic).toBeGreaterThan(truth.length - spread);
    expect(statistic).toBeLessThan(truth.length + spread);
  });

  test('6 to 12 % order within the week, at most 450 a day, and the best possible AUC lies between 0.80 and 0.85', () => {
    const shop = shopOf(20_000, 45);
    liveDays(shop, 35);
    for (const rest of [0, 20]) {
      liveDays(shop, rest);
      const truth = shop.truth();
      const week = liveDays(shop, 7);
      const ordered = orderedWithin(week);
      const labels = truth.map((_, index) => (ordered.has(index + 1) ? 1 : 0));
      const rate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
      expect(rate).toBeGreaterThan(0.06);
      expect(rate).toBeLessThan(0.12);
      expect(Math.max(...week.map((day) => day.orders.second.length))).toBeLessThan(450);
      expect(Math.max(...week.map((day) => day.visits.second.length))).toBeLessThan(4100);
      expect(auc([...labels], [...truth])).toBeGreaterThan(0.8);
      expect(auc([...labels], [...truth])).toBeLessThan(0.85);
    }
  });
});

/** Share of pairs of an orderer and another whose truths are in the right order; ties do not occur here. */
function auc(labels: number[], scores: number[]): number {
  const order = scores.map((_, index) => index).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let others = 0;
  let right = 0;
  for (const index of order) {
    if (labels[index] === 1) right += others;
    else others++;
  }
  return right / (others * (scores.length - others));
}
