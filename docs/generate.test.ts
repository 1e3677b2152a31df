import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../pipelines/core/errors.ts';
import { ERROR_PAGE, errorPage } from './generate.ts';

describe('the page of error codes', () => {
  test('as committed it is the generated one; `npm run docs` writes it', async () => {
    expect(await readFile(ERROR_PAGE, 'utf8')).toBe(errorPage(ERROR_CODES));
  });

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
