import { expect, test } from 'vitest';
import { stackOf } from './error-text.ts';

test('an error is told with all its causes, and nothing that they hold besides', () => {
  const inner = Object.assign(new Error('inner'), { row: 'anna' });
  const text = stackOf(new Error('outer', { cause: new TypeError('middle', { cause: inner }) }));
  expect(text).toMatch(/^Error: outer\n.*\nCaused by: TypeError: middle\n.*\nCaused by: Error: inner\n/s);
  expect(text).not.toContain('anna');
  expect(stackOf(new Error('alone', { cause: 'a word' }))).not.toContain('Caused by');
});
