import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { readProcesses, watchMemory, type ProcessInfo } from './memory.ts';

const MB = 1e6;
const ME: ProcessInfo = { pid: process.pid, parent: 1, residentBytes: 100 * MB };
const CHILD: ProcessInfo = { pid: 2_000_001, parent: process.pid, residentBytes: 40 * MB };
const GRANDCHILD: ProcessInfo = { pid: 2_000_002, parent: 2_000_001, residentBytes: 5 * MB };
const STRANGER: ProcessInfo = { pid: 2_000_003, parent: 1, residentBytes: 900 * MB };

describe('the memory that is told', () => {
  test('is the highest sum of this process and its descendants', async () => {
    expect(await sampled([ME, CHILD, GRANDCHILD, STRANGER], [ME])).toBe(145);
  });

  test('is undefined when the system did not tell once, as the highest may have been then', async () => {
    expect(await sampled('fails', [ME])).toBeUndefined();
  });

  test('is measured on this machine', async () => {
    expect(await watchMemory().stop()).toBeGreaterThan(10);
  });
});

describe('the processes of Linux', () => {
  test('one that has ended since the folder was read is not among them', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, '7'));
    await mkdir(path.join(folder, '8'));
    await mkdir(path.join(folder, 'sys'));
    await writeFile(path.join(folder, '7', 'stat'), `7 (a (b) c) S 3 ${Array(19).fill('0').join(' ')} 25 0`);
    expect(await readProcesses(folder)).toEqual([{ pid: 7, parent: 3, residentBytes: 25 * 4096 }]);
  });

  test('one that cannot be read is an error', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, '7', 'stat'), { recursive: true });
    await expect(readProcesses(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

/** What is told after a sample by the clock and one at the end, or a failure in the place of the first. */
async function sampled(first: readonly ProcessInfo[] | 'fails', last: readonly ProcessInfo[]) {
  const asked = Promise.withResolvers<undefined>();
  let calls = 0;
  const memory = watchMemory(async () => {
    calls += 1;
    if (calls > 1) return last;
    asked.resolve(undefined);
    if (first === 'fails') throw new Error('no process can be listed');
    return await Promise.resolve(first);
  }, 1);
  await asked.promise;
  return await memory.stop();
}
