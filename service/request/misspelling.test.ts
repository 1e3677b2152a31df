import { expect, test } from 'vitest';
import { misspelled } from './misspelling.ts';

const SETTINGS = ['HOST', 'PORT', 'CLEAVER_SERVE', 'CLEAVER_RECORD_FSYNC_MS', 'CLEAVER_MAX_ROWS'];

test.each([
  ['a letter left out', 'CLEAVER_RECORD_FSNC_MS', 'CLEAVER_RECORD_FSYNC_MS'],
  ['a letter too many', 'CLEAVER_SERVER', 'CLEAVER_SERVE'],
  ['two letters swapped', 'CLEAVER_SEVRE', 'CLEAVER_SERVE'],
  ['another unit', 'CLEAVER_RECORD_FSYNC_S', 'CLEAVER_RECORD_FSYNC_MS'],
  ['two wrong letters', 'CLEAVER_MAXROW', 'CLEAVER_MAX_ROWS'],
  ['a name of another part of Cleaver', 'CLEAVER_HOM', 'CLEAVER_HOME'],
  ['a prefix that it does not have', 'CLEAVER_HOST', 'HOST'],
])('%s is told with the name that was meant', (_, name, meant) => {
  expect(misspelled([name], SETTINGS)).toEqual([`${name} is not a setting; ${meant} is.`]);
});

test.each([
  ['a setting', 'CLEAVER_SERVE'],
  ['one of another part of Cleaver', 'CLEAVER_HOME'],
  ['one of a benchmark', 'CLEAVER_BENCH_ROUNDS'],
  ['what Kubernetes sets for a Service called cleaver', 'CLEAVER_PORT'],
  ['the same, for its address', 'CLEAVER_SERVICE_HOST'],
  ['one that a manifest reads', 'CLEAVER_DB'],
  ['what is not ours', 'CLEAVE_SERVE'],
])('%s is left alone', (_, name) => {
  expect(misspelled([name, 'PATH'], SETTINGS)).toEqual([]);
});
