import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLine } from '../../pipelines/adapters/prediction-lines.ts';
import { PAGE_BYTES, WaitingLines } from './waiting-lines.ts';

function textOf(waiting: WaitingLines): string {
  return waiting
    .seal()
    .map(({ bytes, length }) => bytes.toString('utf8', 0, length))
    .join('');
}

test('a line is the CRC-32 of its JSON, the JSON and a newline', () => {
  const waiting = new WaitingLines();
  waiting.add('{"kind":"outcome"}');
  waiting.add('{}');
  // By `python3 -c "import zlib; print('%08x' % zlib.crc32(b'{}'))"`.
  expect(textOf(waiting)).toBe('e69f44f6 {"kind":"outcome"}\na3a6bf43 {}\n');
});

test('any text is read back as it was added', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (ids) => {
      const waiting = new WaitingLines();
      for (const id of ids) waiting.add(JSON.stringify({ kind: 'outcome', id }));
      const lines = Buffer.from(textOf(waiting)).toString('utf8').split('\n').slice(0, -1);
      expect(lines.map((line) => parseLine(Buffer.from(line))?.id)).toEqual(ids);
    }),
  );
});

test('lines fill pages, and one that is longer than a page has its own', () => {
  const waiting = new WaitingLines();
  const long = JSON.stringify('x'.repeat(PAGE_BYTES));
  for (let line = 0; line < 3000; line += 1) waiting.add(JSON.stringify(`${line}`.padStart(50)));
  waiting.add(long);
  expect(waiting.hasFullPage).toBe(true);
  const pages = waiting.seal();
  expect(pages.length).toBeGreaterThan(3);
  expect(pages.map(({ rows }) => rows).reduce((sum, rows) => sum + rows)).toBe(3001);
  expect(pages.at(-1)).toMatchObject({ rows: 1, length: 9 + long.length + 1 });
  for (const { bytes, length } of pages) expect(bytes[length - 1]).toBe(0x0a);
});

test('bytes wait until their page is done, and what is added after a seal is on another page', () => {
  const waiting = new WaitingLines();
  waiting.add('"one"');
  const [first] = waiting.seal();
  if (first === undefined) throw new Error('There is no page.');
  waiting.add('"two"');
  expect([first.rows, first.length, waiting.bytes]).toEqual([1, 15, 30]);
  waiting.done(first);
  expect(waiting.bytes).toBe(15);
  expect(waiting.clear()).toBe(1);
  expect([waiting.bytes, waiting.hasFullPage, waiting.seal()]).toEqual([0, false, []]);
});
