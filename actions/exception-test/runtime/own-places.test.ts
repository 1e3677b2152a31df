import { expect, test } from 'vitest';
import { ownPlaces } from './own-places.ts';

function places(root: string, ...lines: string[]): string[] {
  const error = new Error('x');
  error.stack = `Error: x (/project/of/the/message.ts:1:1\n${lines.map((line) => `    at ${line}`).join('\n')}`;
  return ownPlaces(root, error);
}

test('places of the project are told from the root, the innermost first', () => {
  expect(
    places('/project', 'work (/project/src/a.ts:3:5)', 'async Promise.all (index 0)', '/project/b.ts:7:1'),
  ).toEqual(['src/a.ts:3:5', 'b.ts:7:1']);
});

test('addresses of files are read, and names may have spaces and parentheses in them', () => {
  const root = '/my root';
  expect(places(root, 'async file:///my%20root/a.mjs:1:2', 'new A (file:///my%20root/b%C3%BC.mjs:3:4)')).toEqual([
    'a.mjs:1:2',
    'bü.mjs:3:4',
  ]);
  expect(places(root, 'get x [as y] (/my root/app/(shop)/page.ts:5:6)', '/my root/app/(shop)/row.ts:7:8')).toEqual([
    'app/(shop)/page.ts:5:6',
    'app/(shop)/row.ts:7:8',
  ]);
});

test('what is Node’s, installed, or of another folder is left out', () => {
  const others = [
    'node:internal/x:1:2',
    'f (/project/node_modules/p/i.js:1:2)',
    '/rooted/a.ts:1:2',
    'JSON.parse (<anonymous>)',
  ];
  expect(places('/project', ...others)).toEqual([]);
  expect(ownPlaces('/project', Object.assign(new Error(), { stack: undefined }))).toEqual([]);
});
