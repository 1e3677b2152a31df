/**
 * Whether `hits` of `tries` are more than a share of `share` explains: chance would give as many with a probability below
 * `risk`. The bound holds for every number of tries, and is on the careful side.
 * Source: Hoeffding 1963, Probability inequalities for sums of bounded random variables, theorem 1 (Chernoff's bound).
 */
export function surelyMore(hits: number, tries: number, share: number, risk: number): boolean {
  return tries > 0 && hits / tries > share && tailBound(hits / tries, tries, share) < risk;
}

/** Whether `hits` of `tries` are fewer than a share of `share` explains, by the same bound. */
export function surelyFewer(hits: number, tries: number, share: number, risk: number): boolean {
  return tries > 0 && hits / tries < share && tailBound(hits / tries, tries, share) < risk;
}

/** The greatest probability of a share as far from the true one as the one seen. */
function tailBound(seen: number, tries: number, share: number): number {
  return Math.exp(-tries * (divergence(seen, share) + divergence(1 - seen, 1 - share)));
}

function divergence(seen: number, share: number): number {
  return seen === 0 ? 0 : seen * Math.log(seen / share);
}
