import { expect, test } from 'vitest';
import { chartValuesOf } from './values-comments.ts';

test('values come in their order, each with the comment above it, groups before what is in them', () => {
  const source = `# The first,
# in two lines.
first: 1
# A group.
group:
  # In it.
  inner: ''
  second: [a] # not above it
# An empty map is a value.
map: {}
`;
  expect(chartValuesOf(source)).toEqual([
    { path: ['first'], about: 'The first, in two lines.', fallback: 1 },
    { path: ['group'], about: 'A group.', fallback: undefined },
    { path: ['group', 'inner'], about: 'In it.', fallback: '' },
    { path: ['group', 'second'], about: '', fallback: ['a'] },
    { path: ['map'], about: 'An empty map is a value.', fallback: {} },
  ]);
});

test('a file without values has none', () => {
  expect(chartValuesOf('# nothing\n')).toEqual([]);
});
