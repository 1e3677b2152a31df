import { readdirSync, readFileSync } from 'node:fs';

/** Memory that a process and all its descendants hold, in MB (10⁶ bytes); what they share is counted for each. */
export function residentMb(pid: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? /^PPid:\s+(\d+)$/m.exec(statusOf(name))?.[1] : undefined;
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const family = new Set([pid]);
  // A child may be listed before its parent.
  for (let known = 0; known < family.size;) {
    known = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  const kilobytes = [...family].map((each) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(statusOf(String(each)))?.[1] ?? 0));
  return (kilobytes.reduce((sum, value) => sum + value, 0) * 1024) / 1e6;
}

/** Empty for a process that has ended meanwhile. */
function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
