import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { openPrograms } from './programs.ts';

/** Puts a program called helm on the PATH of this test. */
async function withHelm(script: string): Promise<void> {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'helm'), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(folder, 'helm'), 0o755);
  const before = process.env['PATH'];
  process.env['PATH'] = `${folder}:${before ?? ''}`;
  onTestFinished(() => {
    process.env['PATH'] = before;
  });
}

test('what a program says and how it ends is told; a bad end is no error of running it', async () => {
  await withHelm('cat; echo "$1" >&2; exit 3');
  expect(await openPrograms().run('helm', ['a b'], { input: 'in' })).toEqual({
    status: 3,
    stdout: 'in',
    stderr: 'a b\n',
  });
});

test('asked, a bad end is an error', async () => {
  await withHelm('echo "Error: chart not found" >&2; exit 1');
  await expect(openPrograms().ask('helm', ['upgrade', 'x'])).rejects.toMatchObject({
    code: 'CHART_REFUSED',
    message: 'helm upgrade: Error: chart not found',
  });
});

test('one that does not end is killed at its time limit, and is no answer', async () => {
  await withHelm('exec sleep 60');
  await expect(openPrograms().ask('helm', ['list'], { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: 'helm list: it did not end within its time limit, or was killed',
  });
});

test('a signal kills it, also one that came before', async () => {
  await withHelm('trap "" TERM; exec sleep 60');
  const controller = new AbortController();
  const running = openPrograms().run('helm', [], { signal: controller.signal });
  controller.abort();
  expect((await running).status).toBeNull();
  expect((await openPrograms().run('helm', [], { signal: controller.signal })).status).toBeNull();
});

test('one that ends without reading its input is judged by its end', async () => {
  await withHelm('exit 0');
  expect(await openPrograms().run('helm', [], { input: 'x'.repeat(4_000_000) })).toMatchObject({ status: 0 });
  await withHelm('exit 3');
  const ended = await openPrograms().run('helm', [], { input: 'x'.repeat(4_000_000) });
  expect(ended).toEqual({ status: 3, stdout: '', stderr: 'write EPIPE' });
});

test('one that is not there is named, with where to get it', async () => {
  const before = process.env['PATH'];
  onTestFinished(() => {
    process.env['PATH'] = before;
  });
  process.env['PATH'] = await temporaryFolder();
  await expect(openPrograms().run('cosign', [])).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    hint: expect.stringContaining('sigstore.dev') as string,
  });
});

test('one that goes on is there when it has written a line, until it is stopped', async () => {
  await withHelm('echo $$; exec sleep 60');
  const before = process.listenerCount('exit');
  const started = await openPrograms().start('helm', []);
  expect(process.listenerCount('exit')).toBe(before + 1);
  await started.stop();
  expect(process.listenerCount('exit')).toBe(before);
});

test('one that is to go on and ends is told with what it said', async () => {
  await withHelm('echo "error: no such flag" >&2; exit 1');
  await expect(openPrograms().start('helm', ['proxy'])).rejects.toMatchObject({
    code: 'CHART_REFUSED',
    message: 'helm proxy: error: no such flag',
  });
  await withHelm('exit 0');
  process.env['PATH'] = await temporaryFolder();
  await expect(openPrograms().start('helm', [])).rejects.toMatchObject({ code: 'TOOL_MISSING' });
});
