import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openWrappers } from './wrappers.ts';

const wrap = openWrappers();
const through = (call: () => unknown) => call();

test('a wrapper calls within what is around it, with this and all arguments', () => {
  const wrapped = wrap(
    function (this: string, ...given: number[]) {
      return `${this}${given.join('')}`;
    },
    'a#0',
    (call, given) => [call(), given.length],
  ) as (...given: number[]) => unknown;
  expect(wrapped.call('self', 1, 2)).toEqual(['self12', 2]);
});

test('what is no function stays what it is', () => {
  for (const value of [undefined, null, {}, 'text']) expect(wrap(value, 'a#0', through)).toBe(value);
});

test('a function has one wrapper at each place', () => {
  const handle = (): number => 1;
  expect(wrap(handle, 'a#0', through)).toBe(wrap(handle, 'a#0', through));
  expect(wrap(handle, 'a#0', through)).not.toBe(wrap(handle, 'a#1', through));
  // A test file that runs in the same process has its own.
  expect(openWrappers()(handle, 'a#0', through)).not.toBe(wrap(handle, 'a#0', through));
});

test.for(['on', 'once', 'prependListener', 'prependOnceListener'] as const)(
  'a listener that was given to %s is taken off by its own name',
  (method) => {
    for (const emitter of [new EventEmitter(), new PassThrough()]) {
      const before = emitter.listenerCount('error');
      const listener = (): void => undefined;
      for (const place of ['a#0', 'a#1']) emitter[method]('error', wrap(listener, place, through) as () => void);
      emitter.removeListener('error', listener);
      expect(emitter.listenerCount('error')).toBe(before + 1);
      expect(emitter.off('error', listener)).toBe(emitter);
      expect(emitter.listenerCount('error')).toBe(before);
      emitter.off('error', listener);
      expect(emitter.listenerCount('error')).toBe(before);
    }
  },
);
