import { existsSync } from 'node:fs';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { ensurePython, findPython, pythonEnvironmentFolder } from './python-environment.ts';

/** A shell script for each name, which are all the programs that there are; and an empty cache. */
async function machineWith(programs: Record<string, string>) {
  const [bin, cache] = [await temporaryFolder(), await temporaryFolder()];
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  const lockFile = path.join(bin, 'requirements.lock');
  await writeFile(lockFile, 'some-package==1.0\n');
  vi.stubEnv('PATH', bin);
  vi.stubEnv('CLEAVER_CACHE', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { cache, lockFile, folder: await pythonEnvironmentFolder(lockFile) };
}

/** Makes the folder "$1" with a Python that installs whatever it is told to. */
const MAKES_PYTHON = `/bin/mkdir -p "$1/bin" && printf '#!/bin/sh\\n' >"$1/bin/python" && /bin/chmod +x "$1/bin/python"`;

test('without uv the environment is made by python3, once', async () => {
  const { lockFile, folder } = await machineWith({ python3: `shift 2; ${MAKES_PYTHON}` });
  const progress: string[] = [];
  const note = (text: string) => progress.push(text);
  expect(await findPython(lockFile)).toBeUndefined();
  expect(await ensurePython(lockFile, note)).toBe(path.join(folder, 'bin', 'python'));
  expect(progress).toEqual([expect.stringContaining(folder), 'The Python environment is ready.']);
  expect(await ensurePython(lockFile, note)).toBe(await findPython(lockFile));
  expect(progress).toHaveLength(2);
});

test('where uv is there it makes the environment', async () => {
  const uv = `case "$1" in venv) shift 4; ${MAKES_PYTHON} ;; esac`;
  const { lockFile, folder } = await machineWith({ uv, python3: 'exit 1' });
  expect(await ensurePython(lockFile, () => undefined)).toBe(path.join(folder, 'bin', 'python'));
});

test('an environment that cannot be made is TRAINER_SETUP_FAILED with what the program said, and is not taken for whole', async () => {
  const { lockFile, folder } = await machineWith({
    python3: `shift 2; ${MAKES_PYTHON}; echo 'ensurepip is not available' >&2; exit 1`,
  });
  await expect(ensurePython(lockFile, () => undefined)).rejects.toMatchObject({
    code: 'TRAINER_SETUP_FAILED',
    message: `The Python environment ${folder} could not be made: ensurepip is not available`,
    hint: expect.stringContaining('python3-venv') as string,
    cause: expect.objectContaining({ code: 1 }) as unknown,
  });
  expect(existsSync(folder)).toBe(true);
  expect(await findPython(lockFile)).toBeUndefined();
});

test('without any Python it is TRAINER_SETUP_FAILED with the name of the program', async () => {
  const { lockFile, cache } = await machineWith({});
  await expect(ensurePython(lockFile, () => undefined)).rejects.toMatchObject({
    code: 'TRAINER_SETUP_FAILED',
    message: expect.stringContaining('python3') as string,
  });
  expect(await readdir(cache)).toEqual([]);
});
