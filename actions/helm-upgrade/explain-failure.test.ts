import { expect, test } from 'vitest';
import { essentialLines } from './explain-failure.ts';

const ended = (stderr: string, status: number | null = 1) => ({ status, stderr, stdout: '' });

test.each([
  [
    'repetitions, warnings and the log before the error are left out',
    'WARNING: Kubernetes configuration file is group-readable.\nE1127 21:00:00.1 memcache.go:265] "Unhandled Error" err="…"\nI1127 x\nError: one\nError: one\n',
    'Error: one',
  ],
  ['what belongs to the error stays', 'level=WARN x\nError: values:\n- a\n- b\n', 'Error: values:\n- a\n- b'],
  ['not more than six lines', `Error: x\n${'abcdefgh'.split('').join('\n')}`, 'Error: x\na\nb\nc\nd\ne'],
  ['without a line that says error, all of it', 'something\nelse\n', 'something\nelse'],
])('%s', (_, stderr, expected) => {
  expect(essentialLines(ended(stderr))).toBe(expected);
});

test('where nothing is said the status is', () => {
  expect(essentialLines(ended('', 7))).toBe('it ended with status 7 and said nothing');
  expect(essentialLines({ ...ended('', 7), stdout: 'said here\n' })).toBe('said here');
});

test('one that was killed says so', () => {
  expect(essentialLines(ended('', null))).toBe('it did not end within its time limit, or was killed');
  expect(essentialLines(ended('Error: half\n', null))).toContain('was killed: Error: half');
});
