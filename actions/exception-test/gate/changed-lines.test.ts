import { expect, test } from 'vitest';
import { changedLines } from './changed-lines.ts';

/** As lists, which read better. */
function lines(diff: string): Record<string, number[]> {
  return Object.fromEntries([...changedLines(diff)].map(([file, of]) => [file, [...of]]));
}

const head = (file: string) => `diff --git a/${file} b/${file}\nindex 1f..2e 100644\n--- a/${file}\n+++ b/${file}\n`;

test('added and touched lines are those of the new file', () => {
  expect(lines(`${head('a.ts')}@@ -3 +3,2 @@ function a() {\n-old\n+new\n+newer\n@@ -10,0 +12 @@\n+more\n`)).toEqual({
    'a.ts': [3, 4, 12],
  });
});

test('where lines are only taken away, none is changed', () => {
  expect(lines(`${head('a.ts')}@@ -3,2 +2,0 @@\n-one\n-two\n`)).toEqual({ 'a.ts': [] });
});

test('a deleted file is left out, and what comes after it is not its', () => {
  const deleted =
    'diff --git a/b.ts b/b.ts\ndeleted file mode 100644\n--- a/b.ts\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x\n-y\n';
  expect(lines(`${deleted}${head('c.ts')}@@ -1 +1 @@\n-x\n+y\n`)).toEqual({ 'c.ts': [1] });
});

test('a renamed file has its new name, and no line where only the name is new', () => {
  const renamed = 'diff --git a/old.ts b/new.ts\nsimilarity index 90%\nrename from old.ts\nrename to new.ts\n';
  expect(lines(`${renamed}--- a/old.ts\n+++ b/new.ts\n@@ -5 +5 @@\n-x\n+y\n`)).toEqual({ 'new.ts': [5] });
  expect(lines(renamed)).toEqual({});
});

test('names may have spaces, and letters that git quotes', () => {
  expect(lines(`--- "a/x"\n+++ b/my files/a b.ts\t\n@@ -0,0 +1 @@\n+x\n`)).toEqual({ 'my files/a b.ts': [1] });
  expect(lines('--- /dev/null\n+++ "b/\\303\\274ber \\"x\\"\\t.ts"\n@@ -0,0 +1 @@\n+x\n')).toEqual({
    'über "x"\t.ts': [1],
  });
});

test('text that looks like a head is text', () => {
  const text = '@@ -1,2 +1,3 @@\n--- a/x\n-- b\n+++ b/nothing.ts\n+@@ -1 +40,9 @@\n+c\n';
  expect(lines(`${head('a.ts')}${text}${head('b.ts')}@@ -0,0 +7 @@\n+x\n`)).toEqual({ 'a.ts': [1, 2, 3], 'b.ts': [7] });
});

test('a file without an end of line is no other', () => {
  const text = '@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n';
  expect(lines(`${head('a.ts')}${text}${head('b.ts')}@@ -0,0 +7 @@\n+x`)).toEqual({ 'a.ts': [1], 'b.ts': [7] });
});

test('no difference is no line', () => {
  expect(lines('')).toEqual({});
});
