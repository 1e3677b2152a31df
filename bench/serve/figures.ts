/** Of one figure over the rounds. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** Of an even number of values the median is the mean of the two in the middle; of none all are NaN. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)] ?? Number.NaN, sorted[Math.ceil(middle)] ?? Number.NaN];
  return { min: sorted[0] ?? Number.NaN, median: (low + high) / 2, max: sorted.at(-1) ?? Number.NaN };
}

/** One value over the other of the same round: what slowed both in a round does not show. */
export function pairedRatio(values: readonly number[], against: readonly number[]): Spread {
  return spread(values.map((value, round) => value / (against[round] ?? Number.NaN)));
}

/** The slope of the least-squares line through the points. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const over = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return over / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}

/** The items beginning with another one in each round, so that none always runs first or after the same other. */
export function rotated<Item>(items: readonly Item[], round: number): Item[] {
  const begin = items.length === 0 ? 0 : round % items.length;
  const turned = [...items.slice(begin), ...items.slice(0, begin)];
  return round % 2 === 0 ? turned : turned.toReversed();
}
