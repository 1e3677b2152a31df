import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from '../adapters/files.ts';

const SAMPLE_MS = 250;
const PAGE_BYTES = 4096;

export interface ProcessInfo {
  pid: number;
  parent: number;
  residentBytes: number;
}

/**
 * Watches the memory of this process and all its descendants; `stop` answers the highest sum of resident sizes in MB, or
 * undefined where the system did not tell all the time.
 */
export function watchMemory(
  list: () => Promise<readonly ProcessInfo[]> = listProcesses,
  sampleMs = SAMPLE_MS,
): { stop: () => Promise<number | undefined> } {
  let peak = 0;
  let isKnown = true;
  const sample = async () => {
    try {
      const family = familyOf(process.pid, await list());
      const bytes = family.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
      peak = Math.max(peak, bytes / 1e6);
    } catch {
      // The highest may have been there.
      isKnown = false;
    }
  };
  const timer = setInterval(() => void sample(), sampleMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await sample();
      return isKnown ? Math.round(peak) : undefined;
    },
  };
}

function familyOf(root: number, all: readonly ProcessInfo[]): ProcessInfo[] {
  const family = all.filter(({ pid }) => pid === root);
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid));
  return family;
}

/** All processes of this machine: from /proc, else from `ps` (macOS). */
async function listProcesses(): Promise<ProcessInfo[]> {
  if (process.platform === 'linux') return await readProcesses('/proc');
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = 0, parent = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, residentBytes: kilobytes * 1024 };
    });
}

/** Processes from Linux's folder of them; one that ends meanwhile is not among them. */
export async function readProcesses(folder: string): Promise<ProcessInfo[]> {
  const pids = (await readdir(folder)).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readStat(path.join(folder, pid, 'stat'))));
  return stats.filter((stat) => stat !== undefined).map(parseStat);
}

async function readStat(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** `pid (name) state parent …`; the name may hold anything, so what follows it counts from the last bracket. */
function parseStat(stat: string): ProcessInfo {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid: Number.parseInt(stat, 10), parent: Number(fields[1]), residentBytes: Number(fields[21]) * PAGE_BYTES };
}
