import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleFailure } from '../report/sample-result.ts';
import type { Failure } from '../result.ts';
import { applyBaseline, baselineLine, newBaseline, partsOf } from './baseline.ts';

const unreached = (text: string, line = 2) => sampleFailure({ line, message: `No test reaches \`${text}\`.` });

test('a line says which path fails by what, and not where', () => {
  expect(baselineLine(unreached('throw a;', 2))).toBe('actions/etl/main.ts throw unreached: throw a;');
  expect(baselineLine(unreached('throw a;', 99))).toBe(baselineLine(unreached('throw a;', 2)));
});

test('what is in the baseline is let through, and what is not is left', () => {
  const baseline = newBaseline([unreached('throw a;')]);
  const { left, unneeded } = applyBaseline([unreached('throw a;', 7), unreached('throw b;')], baseline);
  expect(left).toEqual([unreached('throw b;')]);
  expect(unneeded).toEqual([]);
});

test('a line stands for one failure: the second of the same is new', () => {
  const twice = [unreached('throw a;', 2), unreached('throw a;', 3)];
  expect(applyBaseline(twice, newBaseline(twice))).toEqual({ left: [], unneeded: [] });
  expect(applyBaseline(twice, newBaseline(twice.slice(1))).left).toHaveLength(1);
  expect(applyBaseline(twice.slice(1), newBaseline(twice)).unneeded).toEqual([baselineLine(unreached('throw a;'))]);
});

test.for(['waiver-expired', 'waiver-unused', 'waiver-invalid', 'unparsed', 'threshold'] as const)(
  '%s cannot be known: it is neither written nor let through',
  (reason) => {
    const failure = sampleFailure({ reason });
    expect(newBaseline([failure])).toEqual([]);
    expect(applyBaseline([failure], [baselineLine(failure)])).toEqual({
      left: [failure],
      unneeded: [baselineLine(failure)],
    });
  },
);

test('a line tells its file, spaces and all, and its reason', () => {
  expect(partsOf(baselineLine(sampleFailure({ file: 'my files/a b.ts', reason: 'left-open', kind: 'fault' })))).toEqual(
    {
      file: 'my files/a b.ts',
      reason: 'left-open',
    },
  );
  expect(partsOf('of another time')).toBeUndefined();
});

test('a new baseline lets all through that it was made of, and never more', () => {
  const failure: fc.Arbitrary<Failure> = fc
    .record({
      file: fc.constantFrom('a.ts', 'b c.ts'),
      line: fc.integer({ min: 1, max: 9 }),
      reason: fc.constantFrom('unreached' as const, 'survivor' as const, 'unhandled' as const),
      text: fc.constantFrom('throw a;', 'catch {}', ''),
    })
    .map(({ text, ...change }) => sampleFailure({ ...change, message: `It is \`${text}\`.` }));
  fc.assert(
    fc.property(fc.array(failure), fc.array(failure), (then, now) => {
      const baseline = newBaseline(then);
      expect(applyBaseline(then, baseline)).toEqual({ left: [], unneeded: [] });
      const { left, unneeded } = applyBaseline(now, baseline);
      expect(now.length - left.length).toBe(baseline.length - unneeded.length);
    }),
  );
});
