import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const SAMPLE_MS = 250;
const PAGE_BYTES = 4096;

interface ProcessInfo {
  pid: number;
  parent: number;
  residentBytes: number;
}

/** Watches the memory of this process and all its descendants; `stop` answers the highest sum of resident sizes in MB. */
export function watchMemory(): { stop: () => Promise<number> } {
  let peak = 0;
  const sample = async () => {
    const bytes = familyOf(process.pid, await listProcesses()).reduce(
      (sum, { residentBytes }) => sum + residentBytes,
      0,
    );
    peak = Math.max(peak, bytes / 1e6);
  };
  // A process that ends while it is read is not counted; the next sample follows soon.
  const timer = setInterval(() => void sample().catch(() => undefined), SAMPLE_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await sample();
      return Math.round(peak);
    },
  };
}

function familyOf(root: number, all: readonly ProcessInfo[]): ProcessInfo[] {
  const family = all.filter(({ pid }) => pid === root);
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid));
  return family;
}

/** From /proc, else from `ps` (macOS). */
async function listProcesses(): Promise<ProcessInfo[]> {
  if (process.platform === 'linux') {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').then(parseStat, () => undefined)),
    );
    return found.filter((info) => info !== undefined);
  }
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,rss=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = 0, parent = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, residentBytes: kilobytes * 1024 };
    });
}

/** `pid (name) state parent …`; the name may hold anything, so what follows it counts from the last bracket. */
function parseStat(stat: string): ProcessInfo {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid: Number.parseInt(stat, 10), parent: Number(fields[1]), residentBytes: Number(fields[21]) * PAGE_BYTES };
}
