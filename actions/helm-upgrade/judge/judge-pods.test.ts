import { expect, test } from 'vitest';
import { judgePods, type PodRecord } from './judge-pods.ts';

const MIB = 2 ** 20;
const record = (given: Partial<PodRecord> = {}): PodRecord => ({
  name: 'a',
  wasReady: true,
  notReadyLooks: 0,
  restarts: 0,
  trouble: '',
  memory: { first: 100 * MIB, former: 110 * MIB, last: 110 * MIB },
  memoryLimit: 256 * MIB,
  ...given,
});
const memory = (first: number, former: number, last: number) => ({
  memory: { first: first * MIB, former: former * MIB, last: last * MIB },
});

test.each<[string, Partial<PodRecord>, string[]]>([
  ['a pod that does well', {}, []],
  [
    'a restart, with its cause',
    { restarts: 1, trouble: 'it was killed' },
    ['pod a was restarted 1 time: it was killed'],
  ],
  ['several restarts', { restarts: 3 }, ['pod a was restarted 3 times']],
  ['two looks at which it was not ready', { notReadyLooks: 2 }, []],
  ['three of them', { notReadyLooks: 3, trouble: 'no model' }, ['pod a was ready and is not any more: no model']],
  [
    'memory that grew to the limit',
    memory(100, 235, 240),
    ['pod a is at 94 % of its memory limit of 256 MiB, from 100 MiB at first'],
  ],
  ['one look near the limit', memory(100, 200, 240), []],
  ['memory near the limit from the start', memory(232, 240, 240), []],
  ['no limit', { ...memory(100, 9000, 9000), memoryLimit: undefined }, []],
])('%s', (_, given, expected) => {
  expect(judgePods([record(given)])).toEqual(expected);
});
