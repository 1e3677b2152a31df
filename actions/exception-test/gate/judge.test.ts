import { describe, expect, test } from 'vitest';
import { PATH_KINDS, type Failure } from '../result.ts';
import { judge, type Evidence, type Seen } from './judge.ts';
import type { Waivable, Waiver } from './waivers.ts';

const TODAY = '2026-07-30';

/** The paths of these tests stand in a.ts, each in a line of its own; asserted unless something else is said. */
function seenAt(line: number, change: Partial<Omit<Seen, 'path'>> & { path?: Partial<Seen['path']> } = {}): Seen {
  return {
    count: 1,
    tests: ['a.test.ts > works'],
    survivors: [],
    notTried: [],
    ...change,
    path: {
      id: `a.ts#${line}`,
      file: 'a.ts',
      kind: 'throw',
      start: { line, column: 3 },
      end: { line, column: 20 },
      text: "throw new Error('a');",
      inside: 'work',
      mutations: ['remove'],
      swallows: false,
      hint: 'Call `work`.',
      ...change.path,
    },
  };
}

function swallowedAt(line: number): Failure {
  return { file: 'a.ts', line, kind: 'catch', reason: 'swallowed', message: 'It drops an error.', hint: 'Log it.' };
}

function waiverAt(line: number, reasons: readonly Waivable[], until = '2026-12-31'): Waiver {
  return { file: 'a.ts', line, reasons, until, why: 'it needs a full disk' };
}

function judged(evidence: Partial<Evidence>): { all: string[]; failures: Failure[]; waived: string[] } {
  const { tested, failures } = judge({
    level: 2,
    today: TODAY,
    seen: [],
    observed: [],
    waivers: [],
    broken: [],
    ...evidence,
  });
  return {
    failures,
    all: failures.map(({ file, line, reason }) => `${file}:${line} ${reason}`),
    waived: tested.filter(({ waived }) => waived !== undefined).map(({ id }) => id),
  };
}

describe('a path', () => {
  test('that is asserted does not fail', () => {
    expect(judged({ seen: [seenAt(2)] }).all).toEqual([]);
  });

  test('that no test reaches fails at every level, with its hint', () => {
    const seen = [seenAt(2, { count: 0, tests: [] })];
    for (const level of [1, 2, 3] as const) expect(judged({ level, seen }).all).toEqual(['a.ts:2 unreached']);
    expect(judged({ seen }).failures[0]).toMatchObject({
      kind: 'throw',
      message: "No test reaches `throw new Error('a');`.",
      hint: 'Call `work`.',
    });
  });

  test('with a mutation that nobody noticed fails from level 2 on', () => {
    const seen = [seenAt(2, { survivors: ['remove'] })];
    expect(judged({ level: 1, seen }).all).toEqual([]);
    expect(judged({ level: 2, seen }).all).toEqual(['a.ts:2 survivor']);
    expect(judged({ level: 3, seen }).all).toEqual(['a.ts:2 survivor']);
  });

  test('fails once, whatever survived', () => {
    const { failures } = judged({ seen: [seenAt(2, { survivors: ['rethrow', 'remove'], path: { kind: 'catch' } })] });
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(/when the error is handed on as it came, and when this block is empty\.$/);
  });

  test.for(PATH_KINDS)('of kind %s says what was taken away', (kind) => {
    const { failures } = judged({ seen: [seenAt(2, { survivors: ['remove'], path: { kind } })] });
    expect(failures[0]?.message).toMatch(/passes just as well when \S.*\.$/);
  });

  test('that was not tried does not fail', () => {
    expect(judged({ seen: [seenAt(2, { notTried: ['remove'] })] }).all).toEqual([]);
  });
});

test('what the runs showed fails too', () => {
  expect(judged({ observed: [swallowedAt(5)] }).all).toEqual(['a.ts:5 swallowed']);
});

test('failures are in the order of files and lines', () => {
  const unreached = (file: string, line: number) => seenAt(line, { count: 0, path: { file } });
  const { all } = judged({ seen: [unreached('b.ts', 1), unreached('a.ts', 9)], observed: [swallowedAt(5)] });
  expect(all).toEqual(['a.ts:5 swallowed', 'a.ts:9 unreached', 'b.ts:1 unreached']);
});

describe('a waiver', () => {
  const unreached = seenAt(3, { count: 0 });

  test('lets the next line pass, and says so of the path', () => {
    const { all, waived } = judged({ seen: [unreached], waivers: [waiverAt(2, ['unreached'])] });
    expect(all).toEqual([]);
    expect(waived).toEqual(['a.ts#3']);
  });

  test('lets an error be swallowed', () => {
    expect(judged({ observed: [swallowedAt(3)], waivers: [waiverAt(2, ['swallowed'])] }).all).toEqual([]);
  });

  test.for([1, 3, 4])('in line %i says nothing of line 3', (line) => {
    expect(judged({ seen: [unreached], waivers: [waiverAt(line, ['unreached'])] }).all.sort()).toEqual(
      ['a.ts:3 unreached', `a.ts:${line} waiver-unused`].sort(),
    );
  });

  test('of another file says nothing of this one', () => {
    const waivers = [{ ...waiverAt(2, ['unreached']), file: 'b.ts' }];
    expect(judged({ seen: [unreached], waivers }).all).toEqual(['a.ts:3 unreached', 'b.ts:2 waiver-unused']);
  });

  test('of another reason lets nothing pass', () => {
    expect(judged({ seen: [unreached], waivers: [waiverAt(2, ['swallowed'])] }).all).toEqual([
      'a.ts:2 waiver-unused',
      'a.ts:3 unreached',
    ]);
  });

  test('with several reasons is used when one of them comes up', () => {
    expect(judged({ seen: [unreached], waivers: [waiverAt(2, ['swallowed', 'unreached'])] }).all).toEqual([]);
  });

  test('is of one kind of path where several stand in the line', () => {
    const seen = [unreached, seenAt(3, { path: { id: 'a.ts#4', kind: 'catch' } })];
    expect(judged({ seen, waivers: [waiverAt(2, ['unreached'])] }).waived).toEqual(['a.ts#3']);
  });

  test('still holds on its last day, and no longer on the next', () => {
    const on = (today: string) => judged({ today, seen: [unreached], waivers: [waiverAt(2, ['unreached'], TODAY)] });
    expect(on('2026-07-29').all).toEqual([]);
    expect(on(TODAY).all).toEqual([]);
    const late = on('2026-07-31');
    expect(late.all).toEqual(['a.ts:2 waiver-expired', 'a.ts:3 unreached']);
    expect(late.waived).toEqual([]);
    expect(late.failures[0]?.message).toBe('This waiver ended on 2026-07-30.');
  });

  test('that is past is not unused as well', () => {
    expect(judged({ waivers: [waiverAt(2, ['unreached'], '2026-01-01')] }).all).toEqual(['a.ts:2 waiver-expired']);
  });

  test('of what does not fail is unused', () => {
    const { all, failures } = judged({ seen: [seenAt(3)], waivers: [waiverAt(2, ['unreached', 'survivor'])] });
    expect(all).toEqual(['a.ts:2 waiver-unused']);
    expect(failures[0]?.message).toBe('Nothing in line 3 fails by unreached or survivor.');
  });

  test.for([
    [1, 'survivor'],
    [1, 'left-open'],
    [2, 'half-written'],
    [2, 'undeclared-error'],
  ] as const)('is not unused where level %i does not look for %s', ([level, reason]) => {
    expect(judged({ level, seen: [seenAt(3)], waivers: [waiverAt(2, [reason])] }).all).toEqual([]);
    expect(judged({ level, seen: [seenAt(3)], waivers: [waiverAt(2, ['unreached', reason])] }).all).toEqual([]);
    expect(judged({ level: 3, seen: [seenAt(3)], waivers: [waiverAt(2, [reason])] }).all).toEqual([
      'a.ts:2 waiver-unused',
    ]);
  });

  test('of a survivor is not unused where the mutation was not tried', () => {
    const waivers = [waiverAt(2, ['survivor'])];
    expect(judged({ seen: [seenAt(3, { notTried: ['remove'] })], waivers }).all).toEqual([]);
  });

  test('of a survivor is not unused where no test reaches the path, which fails by that', () => {
    expect(judged({ seen: [unreached], waivers: [waiverAt(2, ['survivor'])] }).all).toEqual(['a.ts:3 unreached']);
  });

  test('that cannot be read fails with what is wrong with it', () => {
    const { failures } = judged({
      broken: [{ file: 'a.ts', line: 7, problem: 'It gives no reason after the colon.' }],
    });
    expect(failures).toMatchObject([
      {
        file: 'a.ts',
        line: 7,
        kind: 'waiver',
        reason: 'waiver-invalid',
        message: 'This waiver cannot be read. It gives no reason after the colon.',
      },
    ]);
  });
});

describe('a threshold', () => {
  /** Of ten paths, two are not reached and three of the eight others have a survivor. */
  const seen = Array.from({ length: 10 }, (_, at) =>
    seenAt(at + 1, at < 2 ? { count: 0 } : { survivors: at < 5 ? ['remove'] : [] }),
  );
  const reasons = (evidence: Partial<Evidence>) =>
    Object.entries(Object.groupBy(judged({ seen, ...evidence }).failures, ({ reason }) => reason))
      .map(([reason, of]) => `${of.length} ${reason}`)
      .sort();

  test('is 100 by default, and then every path fails by itself', () => {
    expect(reasons({})).toEqual(['2 unreached', '3 survivor']);
  });

  test('that is kept lets the rest pass', () => {
    expect(reasons({ thresholds: { reached: 80, asserted: 62 } })).toEqual([]);
  });

  test('that is missed fails with the share, and lists the paths', () => {
    expect(reasons({ thresholds: { reached: 81, asserted: 0 } })).toEqual(['1 threshold', '2 unreached']);
    const { failures } = judged({ seen, thresholds: { reached: 0, asserted: 63 } });
    expect(failures.find(({ reason }) => reason === 'threshold')).toMatchObject({
      file: '',
      kind: 'all',
      message: '62.5 % of the mutated paths of all files are asserted; 63 % are asked for.',
    });
  });

  test('of what is asserted is a share of what was mutated', () => {
    const some = [
      seenAt(1, { survivors: ['remove'] }),
      seenAt(2, { notTried: ['remove'] }),
      seenAt(3, { path: { mutations: [] } }),
    ];
    expect(judged({ seen: some, thresholds: { asserted: 1 } }).all).toEqual([':0 threshold', 'a.ts:1 survivor']);
  });

  test('is met by a share that is exactly it', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => seenAt(at + 1, { count: at < 7 ? 0 : 1 }));
    expect(judged({ seen: hundred, thresholds: { reached: 93 } }).all).toEqual([]);
  });

  test('never shows a share that looks as if it were enough', () => {
    const many = Array.from({ length: 3000 }, (_, at) => seenAt(at + 1, { count: at === 0 ? 0 : 1 }));
    const { failures } = judged({ seen: many, thresholds: { reached: 99.99 } });
    expect(failures[0]?.message).toMatch(/^99\.9 % /);
  });

  test('counts what is waived as kept', () => {
    const waivers = [waiverAt(0, ['unreached']), waiverAt(1, ['unreached'])];
    expect(reasons({ waivers, thresholds: { asserted: 0, reached: 99 } })).toEqual([]);
  });

  test('lets neither swallowed errors nor waivers pass', () => {
    const { all } = judged({ observed: [swallowedAt(4)], thresholds: { reached: 0, asserted: 0 } });
    expect(all).toEqual(['a.ts:4 swallowed']);
  });

  describe('for changed lines', () => {
    const low = { reached: 0, asserted: 0 };

    test('holds only what the change touches', () => {
      const changed = new Map([
        ['a.ts', new Set([1, 3, 4, 10])],
        ['b.ts', new Set([2])],
      ]);
      expect(judged({ seen, thresholds: low, changed }).all).toEqual([
        'a.ts:1 unreached',
        'a.ts:3 survivor',
        'a.ts:4 survivor',
      ]);
    });

    test('is a share of the changed paths', () => {
      const changed = new Map([['a.ts', new Set([1, 3, 9, 10])]]);
      const thresholds = { ...low, changedReached: 75, changedAsserted: 67 };
      const { failures } = judged({ seen, thresholds, changed });
      expect(failures.map(({ message }) => message).sort()).toEqual([
        '66.6 % of the mutated paths in changed lines are asserted; 67 % are asked for.',
        expect.stringMatching(/^Every test that reaches/),
      ]);
    });

    test('asks for nothing where there is nothing to compare with, or nothing changed', () => {
      expect(judged({ seen, thresholds: low }).all).toEqual([]);
      expect(judged({ seen, thresholds: low, changed: new Map() }).all).toEqual([]);
    });
  });
});
