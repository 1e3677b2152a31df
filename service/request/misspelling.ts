const PREFIX = 'CLEAVER_';

// Those that belong to other parts of Cleaver.
const OTHERS = ['HOME', 'MODELS', 'CACHE', 'SOURCE', 'CDNOW', 'TEST_POSTGRES', 'KILL_SEED', 'LAB'];

/**
 * A line for each name in the environment that is nearly one of ours, and so was most likely meant to be it. Others
 * that begin with CLEAVER_ are left alone: a manifest may read any, and Kubernetes sets some.
 */
export function misspelled(names: readonly string[], settings: readonly string[]): string[] {
  const known = [...OTHERS.map((name) => PREFIX + name), ...settings];
  return names.flatMap((name) => {
    if (!name.startsWith(PREFIX) || name.startsWith('CLEAVER_BENCH_') || known.includes(name)) return [];
    const meant = known.find((candidate) => isNear(name, candidate));
    return meant === undefined ? [] : [`${name} is not a setting; ${meant} is.`];
  });
}

function isNear(name: string, candidate: string): boolean {
  // Kubernetes sets CLEAVER_PORT.
  if (!candidate.startsWith(PREFIX)) return name === PREFIX + candidate && candidate !== 'PORT';
  const edits = Math.min(2, Math.floor((candidate.length - PREFIX.length) / 4));
  return editDistance(name, candidate) <= edits;
}

/** How many letters to add, to leave out, to change or to swap with the next (optimal string alignment). */
function editDistance(from: string, to: string): number {
  const table = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => table[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row += 1) {
    table[row] = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = at(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY;
      table[row]?.push(Math.min(changed, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1));
    }
  }
  return at(from.length, to.length);
}
