import { describe, expect, test } from 'vitest';
import type { FaultScope } from '../find/fault-scopes.ts';
import type { FaultOptions } from '../options.ts';
import type { FaultRun } from '../run/try-faults.ts';
import type { FaultOutcome } from '../runtime/fault-watch.ts';
import { faultFailures } from './fault-failures.ts';

const SCOPE: FaultScope = { id: 'src/save.ts!0', file: 'src/save.ts', line: 12, name: 'save' };
const OUTCOME: FaultOutcome = {
  scope: SCOPE.id,
  n: 2,
  failed: { what: 'fs.rename', at: 'src/files.ts:30:5' },
  error: undefined,
  leftOpen: [],
  halfWritten: [],
};
const thrown = (name: string, code?: string): FaultOutcome['error'] => ({
  classes: [name, 'Error', 'Object'],
  code,
  message: 'it failed\nat length',
});

function failuresOf(outcomes: Partial<FaultOutcome>[], options: FaultOptions = {}, stuck: FaultRun['stuck'] = []) {
  const run = { outcomes: outcomes.map((one) => ({ ...OUTCOME, ...one })), stuck, injected: 1, notTried: [] };
  return faultFailures(run, [SCOPE], options);
}

describe('an error that comes out', () => {
  test('is well when it is declared, by a class that it is of or by its code', () => {
    const error = thrown('CleaverError', 'DISK_FULL');
    for (const declared of [['CleaverError'], ['DISK_FULL'], ['Error']]) {
      expect(failuresOf([{ error }], { declared })).toEqual([]);
    }
  });

  test('is a failure in the line of the call when it is not', () => {
    const failures = failuresOf([{ error: thrown('Error', 'ENOSPC') }], { declared: ['CleaverError'] });
    expect(failures).toEqual([
      {
        ...{ file: 'src/files.ts', line: 30, kind: 'fault', reason: 'undeclared-error' },
        message: 'When call 2 of save fails (fs.rename), Error ENOSPC comes out: it failed',
        hint: expect.stringContaining('faults.declared') as string,
      },
    ]);
  });

  test('may be any but a mistake where nothing is declared', () => {
    expect(failuresOf([{ error: thrown('Error', 'ENOSPC') }, { error: thrown('OrderError') }])).toEqual([]);
    expect(failuresOf([{ error: thrown('TypeError') }])).toMatchObject([
      { message: expect.stringContaining('TypeError comes out') as string },
    ]);
  });

  test('is told in the line of the scope where the place of the call is not known', () => {
    const failed = { what: 'fs.read', at: undefined };
    expect(failuresOf([{ error: thrown('TypeError'), failed }])).toMatchObject([{ file: 'src/save.ts', line: 12 }]);
  });
});

test('what stays open is a failure where it was opened', () => {
  expect(failuresOf([{ leftOpen: [{ what: 'a database', at: 'src/store.ts:7:3' }] }])).toMatchObject([
    {
      file: 'src/store.ts',
      line: 7,
      reason: 'left-open',
      message: expect.stringMatching(/a database stays open/) as string,
    },
  ]);
});

describe('a file that is left half-written', () => {
  const halfWritten = [{ what: '/home/me/state/work/shop/part.csv', at: 'src/store.ts:9:3' }];

  test('is a failure where it was begun, by its name', () => {
    expect(failuresOf([{ halfWritten }])).toMatchObject([
      { file: 'src/store.ts', line: 9, reason: 'half-written', message: expect.stringContaining('part.csv') as string },
    ]);
  });

  test('may be left where the configuration says so', () => {
    expect(failuresOf([{ halfWritten }], { leftovers: ['work/**'] })).toEqual([]);
    expect(failuresOf([{ halfWritten }], { leftovers: ['*.csv'] })).toEqual([]);
    expect(failuresOf([{ halfWritten }], { leftovers: ['*.txt', 'other/**'] })).toHaveLength(1);
  });
});

test('a test that hangs is a failure of the scope', () => {
  const stuck = [{ scope: SCOPE.id, n: 3, test: 'quick\ntests/save.test.ts\na save > is whole' }];
  expect(failuresOf([], {}, stuck)).toMatchObject([
    {
      ...{ file: 'src/save.ts', line: 12, reason: 'undeclared-error' },
      message: expect.stringContaining('hangs') as string,
    },
  ]);
});

test('a place and reason is told once, whatever calls bring it up', () => {
  const error = thrown('TypeError');
  const elsewhere = { what: 'fs.open', at: 'src/files.ts:8:1' };
  const failures = failuresOf([{ error }, { error, n: 5 }, { error, failed: elsewhere }]);
  expect(failures.map(({ line }) => line)).toEqual([30, 8]);
});

test('what came of a scope that is not judged is passed over', () => {
  expect(failuresOf([{ scope: 'src/other.ts!0', error: thrown('TypeError') }])).toEqual([]);
});
