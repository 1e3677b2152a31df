import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { serverFlags } from './server-flags.ts';

test('the garbage collector has helpers where there is a core for them', () => {
  expect(serverFlags(1)).toContain('--single-threaded-gc');
  expect(serverFlags(2)).toEqual(['--max-semi-space-size=16']);
});

test('Node knows every flag', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...serverFlags(1), '--print', '1']);
  expect(stdout).toBe('1\n');
});
