import { expect, test } from 'vitest';
import { noteOnFailure, noteOnPath } from './page-note.ts';
import { sampleFailure, samplePath } from './sample-result.ts';

test('a note has the state, the kind, the function and how often it was executed', () => {
  expect(noteOnPath(samplePath({ count: 3 }), [], 2)).toContain(
    '<strong>asserted</strong> · throw in <code>readAll</code> · executed 3 times',
  );
});

test('five tests are named, and the others counted', () => {
  const tests = Array.from({ length: 8 }, (_, at) => `a.test.ts > case ${at}`);
  const note = noteOnPath(samplePath({ tests }), [], 2);
  expect(note).toContain('<li>a.test.ts &#62; case 4</li><li>and 3 more</li>');
  expect(note).not.toContain('case 5');
});

test('a failure has its message and its hint; its reason is told where it is not the state', () => {
  const unreached = noteOnPath(samplePath({ count: 0 }), [sampleFailure()], 2);
  expect(unreached).toContain('No test reaches this throw in readAll.<br><span class="hint">Call readAll without');
  expect(unreached).not.toContain('unreached path');
  expect(noteOnPath(samplePath(), [sampleFailure({ reason: 'swallowed' })], 2)).toContain('swallowed error');
  expect(noteOnFailure(sampleFailure({ reason: 'waiver-unused' }))).toContain('unused waiver');
});

test('what was done to a path without a test noticing is told, and until when it is waived', () => {
  const waived = { reason: 'Windows <only>', until: '2027-01-01' };
  const note = noteOnPath(samplePath({ survivors: ['remove'], notTried: ['rethrow'], waived }), [], 2);
  expect(note).toContain('No test noticed when it was left out.');
  expect(note).toContain('Not tried: that it handed the error on.');
  expect(note).toContain('Waived until 2027-01-01: Windows &#60;only&#62;');
});
