import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { parseLine, readLines } from './prediction-lines.ts';

/** A line of the record with any JSON, without its end. */
function lineOf(json: string): Buffer {
  return Buffer.from(`${crc32(json).toString(16).padStart(8, '0')} ${json}`);
}

const outcome = (id: string) => lineOf(JSON.stringify({ kind: 'outcome', id }));

/** The ids that can be read of a text, and how many lines cannot be. */
async function read(text: Buffer): Promise<{ ids: string[]; torn: number }> {
  const file = path.join(await temporaryFolder(), 'record');
  await writeFile(file, text);
  const texts: Buffer[] = [];
  for await (const some of readLines(file)) texts.push(...some);
  const lines = texts.map(parseLine);
  const ids = lines.flatMap((line) => (line === undefined ? [] : [line.id]));
  return { ids, torn: lines.length - ids.length };
}

describe('a line', () => {
  test('is read as it was written', () => {
    expect(parseLine(outcome('a ü€😀'))).toEqual({ kind: 'outcome', id: 'a ü€😀' });
  });

  test('is not read with any other byte in it', () => {
    const line = outcome('some id');
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Buffer.from(line);
        altered.writeUInt8((altered[at] ?? 0) ^ change, at);
        expect(parseLine(altered)).toBeUndefined();
      }),
    );
  });

  test.each([
    ['', 'nothing'],
    ['0', 'a digit'],
    ['00000000 ', 'a CRC of nothing'],
    ['e69f44f6', 'a CRC alone'],
    ['E69F44F6 {"kind":"outcome"}', 'a CRC in capitals'],
    ['{"kind":"outcome"}', 'JSON alone'],
  ])('is not %s: %s', (text) => {
    expect(parseLine(Buffer.from(text))).toBeUndefined();
  });

  test.each(['{"kind":"outcome"', 'null', '7', '"outcome"', '{}', '{"kind":"other"}', '[]'])(
    'is not what we did not write, though the CRC be right: %s',
    (json) => {
      expect(parseLine(lineOf(json))).toBeUndefined();
    },
  );
});

describe('a file', () => {
  test('cut off anywhere gives all whole lines and never a torn one', async () => {
    const ids = ['a', 'b with ü', 'c'.repeat(50)];
    const text = Buffer.concat(ids.flatMap((id) => [outcome(id), Buffer.from('\n')]));
    const ends = ids.map((_, index) => ids.slice(0, index + 1).reduce((sum, id) => sum + outcome(id).length + 1, 0));
    for (let length = 0; length <= text.length; length += 1) {
      // Of a line only the newline may lack.
      const whole = ends.filter((end) => end - 1 <= length).length;
      const begun = length > (ends[whole - 1] ?? 0);
      expect(await read(text.subarray(0, length))).toEqual({ ids: ids.slice(0, whole), torn: begun ? 1 : 0 });
    }
  });

  test('that was cut off and goes on gives the lines after the torn one', async () => {
    const text = Buffer.concat([outcome('a').subarray(0, 20), Buffer.from('\n'), outcome('b')]);
    expect(await read(text)).toEqual({ ids: ['b'], torn: 1 });
  });

  test('of several megabytes is read piece by piece, with lines that lie across', async () => {
    const ids = Array.from({ length: 3000 }, (_, index) => `${index}`.repeat(300));
    const text = Buffer.concat(ids.flatMap((id) => [outcome(id), Buffer.from('\n')]));
    expect(text.length).toBeGreaterThan(3 * 2 ** 20);
    expect(await read(text)).toEqual({ ids, torn: 0 });
  });

  test('has empty lines that say nothing', async () => {
    const newline = Buffer.from('\n');
    expect(await read(Buffer.concat([newline, outcome('a'), newline, newline]))).toEqual({ ids: ['a'], torn: 0 });
    expect(await read(Buffer.alloc(0))).toEqual({ ids: [], torn: 0 });
  });

  test('that is garbage gives nothing', async () => {
    expect(await read(Buffer.alloc(100_000, 'x'))).toEqual({ ids: [], torn: 1 });
  });
});
