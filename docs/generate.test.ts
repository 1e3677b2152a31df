import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { MARKS } from './action-tables.ts';
import { errorPage, generatedFiles } from './generate.ts';

const ROOT = path.join(import.meta.dirname, '..');
const GENERATE = path.join(import.meta.dirname, 'generate.ts');

describe('generated files', () => {
  test('are as `npm run docs` writes them', async () => {
    const files = await generatedFiles(ROOT);
    expect(files.length).toBeGreaterThan(1);
    expect(files.filter(({ found, wanted }) => found !== wanted).map(({ file }) => path.relative(ROOT, file))).toEqual(
      [],
    );
  });

  test('that have drifted are named by `--check`, which writes nothing; then they are written', async () => {
    const root = await temporaryFolder();
    const action = { inputs: { model: { description: 'The model.' } }, runs: { using: 'node24', main: 'main.ts' } };
    for (const folder of ['docs', 'actions/with-marks', 'actions/without-marks'])
      await mkdir(path.join(root, folder), { recursive: true });
    const file = (...names: string[]) => path.join(root, ...names);
    await writeFile(file('actions', 'with-marks', 'action.yml'), stringify(action));
    await writeFile(file('actions', 'with-marks', 'README.md'), `${MARKS.join('\n')}\n`);
    await writeFile(file('docs', 'errors.md'), 'old');

    const checked = generate(root, '--check');
    expect(checked.status).toBe(1);
    expect(checked.stderr).toContain('docs/errors.md is not as');
    expect(checked.stderr).toContain('actions/with-marks/README.md is not as');
    expect(await readFile(file('docs', 'errors.md'), 'utf8')).toBe('old');

    expect(generate(root)).toMatchObject({ status: 0, stderr: '' });
    expect(generate(root, '--check')).toMatchObject({ status: 0, stderr: '' });
    expect(await readFile(file('actions', 'with-marks', 'README.md'), 'utf8')).toContain('`model`');

    await writeFile(file('actions', 'without-marks', 'action.yml'), stringify(action));
    expect(generate(root)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('without-marks/README.md needs the lines') as string,
    });
  });
});

function generate(root: string, ...options: string[]) {
  return spawnSync(process.execPath, [GENERATE, ...options], { cwd: root, encoding: 'utf8' });
}

describe('the page of error codes', () => {
  test('has a row for each code, with its status and its sentence', () => {
    const page = errorPage({
      PORT_IN_USE: { status: 500, about: 'Another program listens.' },
      FEATURE_MISSING: { status: 400, about: 'A feature is not there.' },
    });
    expect(rowsOf(page)).toEqual([
      ['Code', 'HTTP status', 'Meaning'],
      ['`PORT_IN_USE`', '500', 'Another program listens.'],
      ['`FEATURE_MISSING`', '400', 'A feature is not there.'],
    ]);
  });

  test('keeps a bar within a sentence out of the table’s columns', () => {
    expect(errorPage({ BUSY: { status: 503, about: 'this | that' } })).toContain('| this \\| that |');
  });
});

/** The cells of the table, without the rule under its header. */
function rowsOf(page: string): string[][] {
  const rows = page.split('\n').filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
