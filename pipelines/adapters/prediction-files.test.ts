import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { claimWriter, finishedFiles, finishedName, leftName, newRecordFile } from './prediction-files.ts';

const WRITER = `
  import { writeFileSync } from 'node:fs';
  import { claimWriter, newRecordFile } from '${path.join(import.meta.dirname, 'prediction-files.ts')}';
  const folder = process.argv[1];
  const writer = await claimWriter(folder);
  writeFileSync(newRecordFile(folder, writer, new Date()), 'line\\n');
  console.log('claimed');
  setInterval(() => undefined, 60_000);`;

/** Another process that is writing a file. */
async function startWriter(folder: string) {
  const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void writer.kill('SIGKILL'));
  await once(writer.stdout, 'data');
  return {
    async kill() {
      writer.kill('SIGKILL');
      await once(writer, 'exit');
    },
  };
}

const endings = async (folder: string) =>
  (await readdir(folder)).map((name) => /\.w\d.*/.exec(name)?.[0]).filter((ending) => ending !== undefined);

test('the file of a living process is not finished, that of a killed one is', async () => {
  const folder = await temporaryFolder();
  const writer = await startWriter(folder);
  expect(await finishedFiles(folder)).toEqual([]);
  expect(await endings(folder)).toEqual(['.w0.open']);
  await writer.kill();
  expect(await finishedFiles(folder)).toEqual([expect.stringMatching(/\.w0\.ndjson$/)]);
  expect(await endings(folder)).toEqual(['.w0.ndjson']);
});

test('the next process takes the number of a killed one, and finishes its file', async () => {
  const folder = await temporaryFolder();
  await (await startWriter(folder)).kill();
  const writer = await claimWriter(folder);
  expect(writer.number).toBe(0);
  expect(await endings(folder)).toEqual(['.w0.ndjson']);
  writer.release();
});

test('several processes have numbers of their own, and one that is released is free', async () => {
  const folder = path.join(await temporaryFolder(), 'state', 'predictions');
  const writers = [await claimWriter(folder), await claimWriter(folder), await claimWriter(folder)];
  expect(writers.map(({ number }) => number)).toEqual([0, 1, 2]);
  writers[1]?.release();
  expect(await claimWriter(folder)).toMatchObject({ number: 1 });
  for (const index of [0, 2]) writers[index]?.release();
});

test('a thread has a number of its own, and its end takes none from others', async () => {
  const folder = await temporaryFolder();
  // Held to the end: one that nobody holds is collected as garbage, and its number is free.
  const first = await claimWriter(folder);
  const thread = new Worker(WRITER.replace('process.argv[1]', JSON.stringify(folder)), {
    eval: true,
    stdout: true,
  });
  await once(thread.stdout, 'data');
  expect(await endings(folder)).toEqual(['.w1.open']);
  await thread.terminate();
  expect(await finishedFiles(folder)).toEqual([expect.stringMatching(/\.w1\.ndjson$/)]);
  await startWriter(folder);
  expect(await endings(folder)).toEqual(['.w1.ndjson', '.w1.open']);
  first.release();
});

test('finished files come oldest first, and nothing else is one', async () => {
  const folder = await temporaryFolder();
  const writer = { number: 7, release: () => undefined };
  const names = ['2026-02-01', '2026-01-01', '2026-01-02']
    .map((day) => newRecordFile(folder, writer, new Date(day)))
    .map(finishedName);
  for (const name of [...names, path.join(folder, 'somebody.open'), path.join(folder, 'notes.txt')])
    await writeFile(name, '');
  expect(await finishedFiles(folder)).toEqual([names[1], names[2], names[0]]);
  expect(await readdir(folder)).toContain('somebody.open');
});

test('what is left of a file has a name of its own, which it keeps', () => {
  expect(leftName('a/b.w0.ndjson')).toBe('a/b.w0.left.ndjson');
  expect(leftName('a/b.w0.left.ndjson')).toBe('a/b.w0.left.ndjson');
});

test('a record that was never written has no files', async () => {
  expect(await finishedFiles(path.join(await temporaryFolder(), 'predictions'))).toEqual([]);
});

test('a folder that cannot be read, or locks that cannot be opened, are STATE_UNWRITABLE', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  await expect(finishedFiles(file)).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  const lock = path.join(folder, 'writer-0.lock');
  await mkdir(lock);
  await expect(claimWriter(folder)).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
    message: expect.stringContaining('writer-0.lock') as string,
    cause: expect.objectContaining({ code: 'ERR_SQLITE_ERROR' }) as unknown,
  });
  await rm(lock, { recursive: true });
  expect(await claimWriter(folder)).toMatchObject({ number: 0 });
});

test('a number whose files cannot be finished remains free', async () => {
  const folder = await temporaryFolder();
  const file = newRecordFile(folder, { number: 0, release: () => undefined }, new Date());
  await writeFile(file, 'line\n');
  await mkdir(path.join(finishedName(file), 'in the way'), { recursive: true });
  await expect(claimWriter(folder)).rejects.toThrow('rename');
  await rm(finishedName(file), { recursive: true });
  expect(await claimWriter(folder)).toMatchObject({ number: 0 });
});
