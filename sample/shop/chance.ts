import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Gives the next number of a seeded stream, uniform in [0, 1), on a grid of 2⁻³². */
export type Chance = () => number;

const GRID = 2 ** -32;

/** `count` independent streams of chance for a seed. */
export function chanceStreams(seed: number, count: number): Chance[] {
  const source = xoroshiro128plus(seed);
  return Array.from({ length: count }, () => {
    // Near seeds begin alike; a jump of 2^64 steps takes them apart, and the streams from each other.
    source.jump();
    const stream = source.clone();
    return () => (stream.next() >>> 0) * GRID;
  });
}

/** A standard normal number (Box and Muller, 1958). */
export function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
}
