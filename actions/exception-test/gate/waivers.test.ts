import { describe, expect, test } from 'vitest';
import { FAILURE_REASONS } from '../result.ts';
import { findWaivers, LEVEL_OF, WAIVABLE } from './waivers.ts';

const GOOD = 'allow survivor until 2027-06-30: the port is never taken here';

function problem(comment: string): string | undefined {
  const { waivers, broken } = findWaivers('a.ts', comment);
  expect(waivers.length + broken.length).toBe(1);
  return broken[0]?.problem;
}

test('a waiver has a line, reasons, a last day and a why', () => {
  expect(findWaivers('src/a.ts', `const a = 1;\n  // exception-test ${GOOD}\nthrow a;\n`)).toEqual({
    waivers: [
      { file: 'src/a.ts', line: 2, reasons: ['survivor'], until: '2027-06-30', why: 'the port is never taken here' },
    ],
    broken: [],
  });
});

test.for([
  ['a line', `// exception-test ${GOOD}`],
  ['a line without a space', `//exception-test ${GOOD}`],
  ['a line with a colon', `// exception-test: ${GOOD}`],
  ['a block', `/* exception-test ${GOOD} */`],
  ['JSX', `      {/* exception-test ${GOOD} */}`],
  ['JSX with spaces', `{ /* exception-test ${GOOD} */ }`],
  ['a line that ends in CR LF', `// exception-test ${GOOD}\r`],
])('a waiver may be a comment of %s', ([, comment = '']) => {
  const { waivers, broken } = findWaivers('a.tsx', comment);
  expect(broken).toEqual([]);
  expect(waivers).toMatchObject([{ reasons: ['survivor'], why: 'the port is never taken here' }]);
});

test.for(['unreached,survivor', 'unreached, survivor'])('a waiver may have several reasons: %s', (list) => {
  const { waivers } = findWaivers('a.ts', `// exception-test allow ${list} until 2027-06-30: needs a full disk`);
  expect(waivers[0]?.reasons).toEqual(['unreached', 'survivor']);
});

test('a why may have colons and the word until in it', () => {
  const { waivers } = findWaivers(
    'a.ts',
    '// exception-test allow survivor until 2027-06-30: see #12: until Node 26: no way',
  );
  expect(waivers[0]).toMatchObject({ until: '2027-06-30', why: 'see #12: until Node 26: no way' });
});

test.for([
  ['nothing', ''],
  ['no allow', 'survivor until 2027-06-30: it cannot be tested'],
  ['another word', 'ignore survivor until 2027-06-30: it cannot be tested'],
  ['no reason', 'allow until 2027-06-30: it cannot be tested'],
  ['no day', 'allow survivor: it cannot be tested'],
  ['no colon', 'allow survivor until 2027-06-30 it cannot be tested'],
  ['"and" between reasons', 'allow survivor and unreached until 2027-06-30: it cannot be tested'],
  ['a list that ends in a comma', 'allow survivor, until 2027-06-30: it cannot be tested'],
  ['a reason in capitals', 'allow Survivor until 2027-06-30: it cannot be tested'],
])('a waiver with %s is not of the form', ([, said = '']) => {
  expect(problem(`// exception-test ${said}`)).toMatch(/^It is not of the form `\/\/ exception-test allow /);
});

test('an unknown reason is named, with those that there are', () => {
  const said = problem('// exception-test allow survivor, survivors until 2027-06-30: it cannot be tested');
  expect(said).toContain('"survivors" is no reason');
  for (const reason of WAIVABLE) expect(said).toContain(reason);
});

test.for(FAILURE_REASONS.filter((reason) => !(WAIVABLE as readonly string[]).includes(reason)))(
  '%s cannot be waived',
  (reason) => {
    expect(problem(`// exception-test allow ${reason} until 2027-06-30: it cannot be tested`)).toContain(
      `"${reason}" cannot be waived`,
    );
  },
);

test.for(['2027-6-30', '30.06.2027', '2027-02-30', '2027-13-01', 'never', '2027-06-30T00:00', '20270630'])(
  '%s is no day',
  (until) => {
    expect(problem(`// exception-test allow survivor until ${until}: it cannot be tested`)).toMatch(/is not a day/);
  },
);

test('29 February is a day in a leap year only', () => {
  expect(problem('// exception-test allow survivor until 2028-02-29: it cannot be tested')).toBeUndefined();
  expect(problem('// exception-test allow survivor until 2027-02-29: it cannot be tested')).toMatch(/is not a day/);
});

test.for(['', ' ', 'todo', 'later'])('%j is no why', (why) => {
  expect(problem(`// exception-test allow survivor until 2027-06-30:${why}`)).toMatch(/gives no reason/);
});

test('a block comment that ends is no part of the why', () => {
  expect(problem('/* exception-test allow survivor until 2027-06-30: short */')).toMatch(/gives no reason/);
});

describe('no waiver', () => {
  test.for([
    'const text = "exception-test allow survivor until 2027-06-30: a text";',
    'throw error; // exception-test allow survivor until 2027-06-30: behind the code',
    '// the exception-test allows this until 2027-06-30: prose',
    '// exception-tests are slow',
    ' * exception-test allow survivor until 2027-06-30: within a long comment',
  ])('is %s', (line) => {
    expect(findWaivers('a.ts', line)).toEqual({ waivers: [], broken: [] });
  });
});

test('each reason that can be waived comes up at some level', () => {
  expect(Object.keys(LEVEL_OF).sort()).toEqual([...WAIVABLE].sort());
});
