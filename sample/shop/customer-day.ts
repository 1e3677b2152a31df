import { type Chance, normal } from './chance.ts';
import type { DayRows } from './day-rows.ts';

/** What one offer costs the shop in EUR: the postage and the voucher, averaged over those who never use it. */
const OFFER_COST = 0.4;

const OFFER_SECOND = 6 * 3600;
const OPENING_SECOND = 7 * 3600;
const LAST_SECOND = 24 * 3600 - 1;
const LONGEST_BASKET_SECONDS = 1800;
const MEDIAN_AMOUNT = 36;
const AMOUNT_DEVIATION = 0.45;
const LOWEST_MARGIN_SHARE = 0.25;
const MARGIN_SHARE_RANGE = 0.15;
const VISIT_CHANCE_HOT = 0.7;
const VISIT_CHANCE_COLD = 0.016;
/** Monday first. */
const VISIT_WEEKDAY = [0.97, 0.93, 0.93, 0.97, 1.03, 1.12, 1.05];

/** How many times a customer comes by on a day; `uniform` is the day's chance. */
export function visitsOf(hot: number, weekday: number, uniform: number): number {
  const any = (hot === 1 ? VISIT_CHANCE_HOT : VISIT_CHANCE_COLD) * (VISIT_WEEKDAY[weekday] ?? 1);
  if (uniform >= any) return 0;
  // Given that it lies below `any`, the same number is uniform again: it also decides how many.
  const share = uniform / any;
  return share < 0.9 ? 1 : share < 0.98 ? 2 : 3;
}

/** An offer, sent in the morning before the first visit of the day. */
export function addOffer(rows: DayRows, customerId: number): void {
  rows.offers.customerId.push(customerId);
  rows.offers.second.push(OFFER_SECOND);
  rows.offers.cost.push(OFFER_COST);
}

/** Visits at some time of the day, most of them around the afternoon; answers the last one's second. */
export function addVisits(rows: DayRows, customerId: number, count: number, details: Chance): number {
  let latest = 0;
  for (let visit = 0; visit < count; visit++) {
    const ofDay = (details() + details()) / 2;
    const second = OPENING_SECOND + Math.floor(ofDay * (LAST_SECOND - OPENING_SECOND - LONGEST_BASKET_SECONDS));
    rows.visits.customerId.push(customerId);
    rows.visits.second.push(second);
    latest = Math.max(latest, second);
  }
  return latest;
}

/** An order within half an hour after a visit; the amount is log-normal, the margin 25 to 40 % of it. */
export function addOrder(rows: DayRows, customerId: number, visitSecond: number, details: Chance): void {
  const amount = MEDIAN_AMOUNT * Math.exp(AMOUNT_DEVIATION * normal(details));
  const marginShare = LOWEST_MARGIN_SHARE + MARGIN_SHARE_RANGE * details();
  rows.orders.customerId.push(customerId);
  rows.orders.second.push(visitSecond + Math.floor(details() * LONGEST_BASKET_SECONDS));
  rows.orders.amount.push(Math.round(amount * 100) / 100);
  rows.orders.margin.push(Math.round(amount * marginShare * 100) / 100);
}
