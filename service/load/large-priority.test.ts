import { once } from 'node:events';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { giveWay } from './large-priority.ts';

function fakeSystem(priority: number) {
  const set: number[][] = [];
  return { set, getPriority: () => priority, setPriority: (...given: number[]) => void set.push(given) };
}

describe('a thread that gives way', () => {
  test('is nicer by five, nineteen at most', () => {
    for (const [before, after] of [
      [0, 5],
      [17, 19],
    ] as const) {
      const system = fakeSystem(before);
      giveWay(() => expect.unreachable(), 'linux', system);
      expect(system.set).toEqual([[0, after]]);
    }
  });

  test('is not where it would be the whole process', () => {
    const system = fakeSystem(0);
    giveWay(() => expect.unreachable(), 'darwin', system);
    expect(system.set).toEqual([]);
  });

  test('goes on where it may not, and says so', () => {
    const lines: string[] = [];
    const setPriority = () => {
      throw new Error('not permitted');
    };
    giveWay((line) => lines.push(line), 'linux', { ...fakeSystem(0), setPriority });
    expect(lines).toEqual(['Large requests take as much of the processor as small ones: not permitted']);
  });

  test.runIf(process.platform === 'linux')('does so alone', async () => {
    const before = getPriority(process.pid);
    const program = `import { getPriority } from 'node:os';
      import { parentPort } from 'node:worker_threads';
      import { giveWay } from ${JSON.stringify(new URL('large-priority.ts', import.meta.url))};
      giveWay((line) => { throw new Error(line); });
      parentPort.postMessage(getPriority(0));`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    // Asked for before: a thread that ends tells its last message and its end in one go.
    const ended = once(worker, 'exit');
    const [priority] = (await once(worker, 'message')) as [number];
    expect(priority).toBe(Math.min(before + 5, 19));
    expect(getPriority(process.pid)).toBe(before);
    await ended;
  });
});
