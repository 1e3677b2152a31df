import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLinter } from './lint-messages.ts';
import { suggestMessage } from './suggest.ts';

const rules = {
  types: ['feat', 'fix', 'perf', 'refactor', 'test', 'docs', 'build', 'ci', 'chore'],
  scopes: ['core', 'pipelines', 'steps'],
  maxHeaderLength: 60,
  maxLineLength: 40,
};

describe("the author's own words in their form", () => {
  it.each([
    ['Fixed the login.', 'fix: login'],
    ['Fix', 'fix: fix'],
    ['Added a button to the page', 'feat: add a button to the page'],
    ['Simplified the gate', 'refactor: simplify the gate'],
    ['dropping old runs', 'refactor: drop old runs'],
    ['Adds tests for the gate', 'test: add tests for the gate'],
    ['Updating the README', 'docs: update the README'],
    ['Bump vitest to 5', 'build: bump vitest to 5'],
    ['something else', 'chore: something else'],
    ['login: fix redirect', 'fix: login: fix redirect'],
    ['WIP', 'chore: wip'],
    ['🐛 fix the login', 'fix: login'],
    [':sparkles: new page', 'feat: new page'],
    ['- fix the login', 'fix: login'],
  ])('%s → %s', (message, expected) => {
    expect(suggestMessage(message, rules)).toBe(expected);
  });
});

describe('a type and a scope that are there', () => {
  it.each([
    ['Feature: Wider window', 'feat: wider window'],
    ['FIX(Core)!:the gate', 'fix(core)!: the gate'],
    ['fix (pipeline) : the gate', 'fix(pipelines): the gate'],
    ['[fix] the gate', 'fix: the gate'],
    ['core: fix the gate', 'fix(core): gate'],
    ['fix(core, step): the gate', 'fix(core,steps): the gate'],
    ['fix(login): the gate', 'fix: the gate'],
    ['fix(core): a (b): c', 'fix: a (b): c'],
  ])('%s → %s', (message, expected) => {
    expect(suggestMessage(message, rules)).toBe(expected);
  });
});

it('a name in front keeps its letters', () => {
  expect(suggestMessage('fix: GitHub answers', rules)).toBe('fix: `GitHub` answers');
  expect(suggestMessage('fix: ONNX, again', rules)).toBe('fix: `ONNX`, again');
});

it('an overlong first line goes on in the body, and overlong lines are wrapped', () => {
  const message = `fix: ${'word '.repeat(15)}\nbody\nSigned-off-by: A <a@example.com>`;
  expect(suggestMessage(message, rules).split('\n')).toEqual([
    'fix: word word word word word word word word word word word',
    '',
    'word word word word',
    '',
    'body',
    '',
    'Signed-off-by: A <a@example.com>',
  ]);
  expect(suggestMessage(`fix: a\n\n${'word '.repeat(10)}`, rules)).toBe(
    'fix: a\n\nword word word word word word word word\nword word',
  );
});

it('a line with an address stays whole', () => {
  const address = `https://example.com/${'a'.repeat(60)}`;
  expect(suggestMessage(`fix: a\n\n${address}`, rules)).toBe(`fix: a\n\n${address}`);
});

it('a message without words gets a place for them', () => {
  expect(suggestMessage('', rules)).toBe('chore: describe the change');
  expect(suggestMessage('fix: ...', rules)).toBe('fix: describe the change');
});

it("under the repository's own configuration any text gets a suggestion that passes", async () => {
  const linter = await openLinter(path.join(import.meta.dirname, '..', '..'));
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', maxLength: 150 }),
    fc.constantFrom('\n', '\r\n', ': ', '(', ')', '!', '.', '`', '"', '#', 'fix', 'Fix', 'core', 'Note: ', ' '),
  );
  const message = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(message, async (text) => {
      const { problems } = await linter.lint(suggestMessage(text, linter.rules));
      expect(problems).toEqual([]);
    }),
    { numRuns: 2_000, seed: 4 },
  );
});
