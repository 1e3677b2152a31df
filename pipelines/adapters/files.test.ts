import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { diskError, hashFile, hashValue, onDisk, placeFile, placeText, readTextIfThere } from './files.ts';
import { stageError } from './stage-errors.ts';

test('a placed file is whole, and nothing is left in the work folder', async () => {
  const folder = await temporaryFolder();
  const target = path.join(folder, 'deep', 'target.txt');
  await placeText(target, path.join(folder, 'work'), 'first');
  await placeText(target, path.join(folder, 'work'), 'second');
  expect(await readFile(target, 'utf8')).toBe('second');
  expect(await readdir(path.join(folder, 'work'))).toEqual([]);
});

test('a file whose making fails leaves the former one, and nothing in the work folder', async () => {
  const folder = await temporaryFolder();
  const target = path.join(folder, 'target.txt');
  await writeFile(target, 'former');
  const failing = placeFile(target, path.join(folder, 'work'), async (file) => {
    await writeFile(file, 'half');
    throw new Error('the trainer has stumbled');
  });
  await expect(failing).rejects.toThrow('the trainer has stumbled');
  expect(await readFile(target, 'utf8')).toBe('former');
  expect(await readdir(path.join(folder, 'work'))).toEqual([]);
});

test('a folder that is a file gives STATE_UNWRITABLE with the path', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'mart'), '');
  const placing = placeText(path.join(folder, 'mart', 'part.txt'), path.join(folder, 'mart', 'work'), 'text');
  await expect(placing).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
    message: expect.stringContaining('part.txt') as string,
    cause: expect.objectContaining({ code: 'ENOTDIR', syscall: 'mkdir' }) as unknown,
  });
});

test('a full disk is DISK_FULL, other errors stay what they are', () => {
  expect(diskError(Object.assign(new Error('no space left'), { code: 'ENOSPC' }), '/state/x')).toMatchObject({
    code: 'DISK_FULL',
  });
  const other = new Error('a bug');
  expect(diskError(other, '/state/x')).toBe(other);
});

test('a disk that fails is DISK_FAILED, with what it was at', async () => {
  const cause = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
  const reading = onDisk('/state/x', () => Promise.reject(cause));
  await expect(reading).rejects.toMatchObject({
    ...{ code: 'DISK_FAILED', message: 'The disk fails at /state/x: EIO: i/o error, read.', cause },
  });
  const ofDuckdb = new Error('IO Error: Could not read from file "/state/x": Input/output error');
  expect(stageError(ofDuckdb, '/state/x')).toMatchObject({ code: 'DISK_FAILED', cause: ofDuckdb });
});

test('hashes are of the content', async () => {
  const file = path.join(await temporaryFolder(), 'a');
  await writeFile(file, 'abc');
  expect(await hashFile(file)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(hashValue({ a: 1 })).not.toBe(hashValue({ a: 2 }));
});

test('a text that is not there is undefined, one that cannot be read is an error', async () => {
  const folder = await temporaryFolder();
  expect(await readTextIfThere(path.join(folder, 'nothing'))).toBeUndefined();
  await expect(readTextIfThere(folder)).rejects.toMatchObject({ code: 'EISDIR' });
});
