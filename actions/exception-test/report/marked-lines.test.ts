import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf, markLines } from './marked-lines.ts';
import { samplePath } from './sample-result.ts';

const SOURCE = 'try {\n  read();\n} catch (e) {\n  throw e;\n}\n';
const caught = samplePath({ kind: 'catch', start: { line: 3, column: 3 }, end: { line: 5, column: 2 } });
const thrown = samplePath({ start: { line: 4, column: 3 }, end: { line: 4, column: 11 } });

test('a path has its lines without what stands before and behind it', () => {
  expect(markLines(SOURCE, [caught])).toEqual([
    [{ text: 'try {' }],
    [{ text: '  read();' }],
    [{ text: '} ' }, { text: 'catch (e) {', path: caught }],
    [{ text: '  ' }, { text: 'throw e;', path: caught }],
    [{ text: '}', path: caught }],
  ]);
});

test('what is nested belongs to the inner path, whichever is named first', () => {
  for (const paths of [
    [caught, thrown],
    [thrown, caught],
  ]) {
    expect(markLines(SOURCE, paths)[3]).toEqual([{ text: '  ' }, { text: 'throw e;', path: thrown }]);
  }
});

test('no character is lost, wherever paths lie', () => {
  const place = fc.record({ line: fc.integer({ min: 1, max: 7 }), column: fc.integer({ min: 1, max: 20 }) });
  const path = fc.record({ start: place, end: place }).map((range) => samplePath(range));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 6 }), (paths) => {
      const texts = markLines(SOURCE, paths).map((pieces) => pieces.map(({ text }) => text).join(''));
      expect(texts).toEqual(linesOf(SOURCE));
    }),
  );
});

test('lines are counted as TypeScript counts them', () => {
  expect(linesOf('a\r\nb\rc\u2028d\n\ne')).toEqual(['a', 'b', 'c', 'd', '', 'e']);
  expect(linesOf('a\n')).toEqual(['a']);
  expect(linesOf('')).toEqual([]);
});
