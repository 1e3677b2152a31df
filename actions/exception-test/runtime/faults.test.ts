import { mkdir, readFile, rename, rm, writeFile, appendFile, copyFile, open } from 'node:fs/promises';
import { createWriteStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { interceptCalls } from './fault-points.ts';
import type { FaultOutcome } from './fault-watch.ts';
import { openFaults } from './faults.ts';

// Nothing is touched outside of a scope that is ordered to fail.
const faults = openFaults(({ stack = '' }) => [...stack.matchAll(/faults\.test\.ts:\d+:\d+/g)].map(([at]) => at));
interceptCalls(faults.watcher, import.meta.dirname, []);

let folder = '';
beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(at('old.txt'), 'old');
});
afterEach(() => {
  faults.order(undefined);
});

const at = (...names: string[]) => path.join(folder, ...names);

/** Runs `work` as a scope, its n-th call failing; answers what became of each run, and of its calls. */
async function runs(n: number, ...works: (() => unknown)[]): Promise<{ outcomes: FaultOutcome[]; calls: number }> {
  faults.order({ scope: 'it', n });
  await Promise.allSettled(works.map(async (work) => await faults.scope('it', work)));
  return await faults.result();
}

async function failing(n: number, work: () => unknown): Promise<Partial<FaultOutcome>> {
  return (await runs(n, work)).outcomes[0] ?? {};
}

const names = (placed: FaultOutcome['leftOpen'] = []) => placed.map(({ what }) => path.basename(what));

describe('calls', () => {
  const twice = async () => {
    await readFile(at('old.txt'));
    await rename(at('old.txt'), at('new.txt'));
  };

  test('fail in turn, and the one after the last does not', async () => {
    expect(await failing(1, twice)).toMatchObject({ scope: 'it', n: 1, failed: { what: 'fs.readFile' } });
    expect(await failing(2, twice)).toMatchObject({ n: 2, failed: { what: 'fs.rename' } });
    expect(await runs(3, twice)).toEqual({ outcomes: [], calls: 2 });
    expect(readFileSync(at('new.txt'), 'utf8')).toBe('old');
  });

  test('tell the error that came out, and where the call was made', async () => {
    const { error, failed } = await failing(2, twice);
    expect(error).toMatchObject({ classes: ['Error', 'Object'], code: 'ENOSPC' });
    expect(error?.message).toContain('no space left on device');
    expect(failed?.at).toMatch(/^faults\.test\.ts:\d+:\d+$/);
  });

  test('tell that the function went on', async () => {
    const outcome = await failing(1, async () => await readFile(at('old.txt')).catch(() => 'nothing'));
    expect(outcome).toMatchObject({ error: undefined, failed: { what: 'fs.readFile' } });
  });

  test('of a function that is not asynchronous fail too', async () => {
    const outcome = await failing(1, () => readFileSync(at('old.txt'), 'utf8'));
    expect(outcome).toMatchObject({ failed: { what: 'fs.readFile' }, error: { code: 'EIO' } });
    expect(await runs(2, () => readFileSync(at('old.txt'), 'utf8'))).toEqual({ outcomes: [], calls: 1 });
  });

  test('of a loop are alike: the first three count', async () => {
    const loop = async () => {
      await mkdir(at('made'), { recursive: true });
      for (let times = 0; times < 10; times += 1) await appendFile(at('log.txt'), '.');
      await rm(at('log.txt'));
    };
    expect((await runs(99, loop)).calls).toBe(5);
    expect(await failing(5, loop)).toMatchObject({ failed: { what: 'fs.rm' } });
  });

  test('of two runs at once fail in each by its own count', async () => {
    const { outcomes } = await runs(2, twice, async () => {
      await readFile(at('old.txt'));
      await mkdir(at('made'));
    });
    expect(outcomes.map(({ failed }) => failed.what).sort()).toEqual(['fs.mkdir', 'fs.rename']);
  });

  test('outside of the scope do not fail', async () => {
    faults.order({ scope: 'it', n: 1 });
    await faults.scope('another', twice);
    await rename(at('new.txt'), at('old.txt'));
    expect(await faults.result()).toEqual({ outcomes: [], calls: 0 });
  });
});

describe('scopes within others', () => {
  const inner = () => faults.scope('inner', () => readFile(at('old.txt')));

  test('an outer one is told of the calls of an inner one', async () => {
    const { outcomes } = await runs(1, inner);
    expect(outcomes).toMatchObject([{ scope: 'it', failed: { what: 'fs.readFile' } }]);
  });

  test('an outer one fails by one call of each kind of an inner one, which fails by all of them itself', async () => {
    const both = async () => {
      await readFile(at('old.txt'));
      await readFile(at('old.txt'));
      await mkdir(at('made'), { recursive: true });
    };
    expect((await runs(99, both)).calls).toBe(3);
    expect((await runs(99, () => faults.scope('inner', both))).calls).toBe(2);
  });

  test('a function without a scope in between changes nothing', async () => {
    const { outcomes } = await runs(1, () => faults.scope(undefined, inner));
    expect(outcomes).toHaveLength(1);
  });

  /** As it is woven: the try block is the scope, the function around it has none. */
  const withTry = async () => {
    const handle = await open(at('old.txt'));
    try {
      faults.enterTry('it');
      await handle.readFile();
    } finally {
      faults.leaveTry('it');
      await rm(at('old.txt'));
      await handle.close();
    }
  };

  test('of a function no call fails but those in its try block, and what is closed after it is closed', async () => {
    faults.order({ scope: 'it', n: 1 });
    await expect(faults.scope(undefined, withTry)).rejects.toMatchObject({ code: 'EIO' });
    expect((await faults.result()).outcomes).toMatchObject([{ failed: { what: 'FileHandle.readFile' }, leftOpen: [] }]);
    await writeFile(at('old.txt'), 'old');
    faults.order({ scope: 'it', n: 2 });
    await faults.scope(undefined, withTry);
    expect(await faults.result()).toEqual({ outcomes: [], calls: 1 });
  });

  test('are measured together: each call counts for all that it is made in', async () => {
    faults.order('measure');
    await faults.scope('outer', async () => {
      await mkdir(at('made'));
      await inner();
    });
    expect(Object.fromEntries(faults.measured().calls)).toEqual({ outer: 2, inner: 1 });
    expect(await faults.result()).toEqual({ outcomes: [], calls: 0 });
  });

  test('are measured with the errors that come out though no call fails, also of a try block that has ended', async () => {
    faults.order('measure');
    const killed = faults.scope(undefined, async () => {
      await withTry();
      throw new Error('killed');
    });
    await expect(killed).rejects.toThrow('killed');
    await writeFile(at('old.txt'), 'old');
    await faults.scope('inner', withTry);
    const error = { classes: ['Error', 'Object'], code: undefined, message: 'killed' };
    expect(faults.measured().thrown).toEqual([{ scope: 'it', error }]);
  });
});

describe('what is left open', () => {
  test('is a file that is not closed when another call fails', async () => {
    let handle: Awaited<ReturnType<typeof open>> | undefined;
    const { leftOpen } = await failing(2, async () => {
      handle = await open(at('old.txt'));
      await mkdir(at('made'));
      await handle.close();
    });
    expect(names(leftOpen)).toEqual(['old.txt']);
    expect(leftOpen?.[0]?.at).toMatch(/^faults\.test\.ts/);
    await handle?.close();
  });

  test('is nothing where it is closed in any case', async () => {
    const { error, leftOpen } = await failing(2, async () => {
      await using handle = await open(at('old.txt'));
      await mkdir(at('made'));
      await handle.readFile();
    });
    expect([error?.code, leftOpen]).toEqual(['ENOSPC', []]);
  });

  test('is nothing where a stream closes its file behind the scenes', async () => {
    const { failed, leftOpen } = await failing(2, () =>
      pipeline(Readable.from(['one']), createWriteStream(at('stream.txt'))),
    );
    expect([failed?.what, leftOpen]).toEqual(['fs.write', []]);
    expect(failed?.at).toMatch(/^faults\.test\.ts/);
  });

  test('is not what a function gives that goes on', async () => {
    let handle: Awaited<ReturnType<typeof open>> | undefined;
    const outcome = await failing(2, async () => {
      handle = await open(at('old.txt'));
      await mkdir(at('made')).catch(() => undefined);
    });
    expect(outcome).toMatchObject({ error: undefined, leftOpen: [] });
    await handle?.close();
  });
});

describe('what is left half-written', () => {
  test.each<[string, number, () => unknown]>([
    ['a file written in one go', 1, () => writeFile(at('half.txt'), 'text')],
    ['a copy', 1, () => copyFile(at('old.txt'), at('half.txt'))],
    ['a stream', 2, () => pipeline(Readable.from(['one']), createWriteStream(at('half.txt')))],
    [
      'a handle, between two writes',
      3,
      async () => {
        await using handle = await open(at('half.txt'), 'w');
        await handle.write('one');
        await readFile(at('old.txt'));
        await handle.write('two');
      },
    ],
    [
      'a file that is put in its place all the same',
      1,
      async () => {
        await writeFile(at('new.txt'), 'text').catch(() => undefined);
        await rename(at('new.txt'), at('half.txt'));
      },
    ],
    [
      'a folder that is put in its place all the same',
      2,
      async () => {
        await mkdir(at('making'));
        await writeFile(at('making', 'half.txt'), 'text').catch(() => undefined);
        await rename(at('making'), at('made'));
      },
    ],
  ])('%s', async (_, n, work) => {
    const { halfWritten } = await failing(n, work);
    expect(names(halfWritten)).toEqual(['half.txt']);
    expect(halfWritten?.[0]?.at).toMatch(/^faults\.test\.ts/);
  });

  test.each<[string, number, () => unknown]>([
    [
      'a file that is removed',
      1,
      async () => {
        try {
          await writeFile(at('new.txt'), 'text');
        } catch (error) {
          await rm(at('new.txt'));
          throw error;
        }
      },
    ],
    [
      'a file in a folder that is removed',
      2,
      async () => {
        await mkdir(at('made'));
        try {
          await writeFile(at('made', 'new.txt'), 'text');
        } finally {
          await rm(at('made'), { recursive: true });
        }
      },
    ],
    [
      'a file that is written again',
      1,
      async () => {
        await writeFile(at('new.txt'), 'text').catch(() => writeFile(at('new.txt'), 'text'));
      },
    ],
    [
      'a file that is closed before another call fails',
      2,
      async () => {
        await writeFile(at('new.txt'), 'text');
        await rename(at('new.txt'), at('old.txt'));
      },
    ],
    [
      'a file that is written whole at the same time',
      2,
      () => Promise.all([writeFile(at('new.txt'), 'text'), readFile(at('old.txt'))]),
    ],
    ['a file that is appended to', 1, () => appendFile(at('old.txt'), 'text')],
  ])('is not %s', async (_, n, work) => {
    expect(await failing(n, work)).toMatchObject({ n, halfWritten: [] });
    expect(await readFile(at('old.txt'), 'utf8')).toBe('old');
  });
});
