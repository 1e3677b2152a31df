import type { FailureReason } from '../result.ts';

interface Reason {
  /** After a one, and after any other number. */
  one: string;
  many: string;
  /** A sentence for a heading. */
  title: string;
  /** What it means, and why it turns the gate red. */
  meaning: string;
  /** What to do about it. */
  help: string;
  level: 'error' | 'warning';
}

/** The words for each reason, the same in every report. */
export const REASONS: Readonly<Record<FailureReason, Reason>> = {
  unreached: {
    one: 'unreached path',
    many: 'unreached paths',
    title: 'No test reaches an error path.',
    meaning: 'While all tests ran, this throw or handler was not executed once. What it does to a user is not known.',
    help: 'Write a test that makes the error happen: bad input, or a fake that fails. Waive the path, with a reason and a date, where that costs more than it is worth.',
    level: 'error',
  },
  survivor: {
    one: 'survivor',
    many: 'survivors',
    title: 'No test notices that an error path has no effect.',
    meaning:
      'A test reaches this path, but its effect was taken away and every test still passed: nothing is asserted about it.',
    help: 'Assert what the path is for: the class and message of the error, the value that is returned instead, or what is cleaned up.',
    level: 'error',
  },
  swallowed: {
    one: 'swallowed error',
    many: 'swallowed errors',
    title: 'An error is taken and nothing is done with it.',
    meaning:
      'While a test ran, an error came here and went no further: not thrown on, not returned, not logged. The next failure of this kind is silent.',
    help: 'Throw it on with a cause, return it, or log it. Take only the error that is expected, and throw all others on.',
    level: 'error',
  },
  unhandled: {
    one: 'unhandled rejection',
    many: 'unhandled rejections',
    title: 'A promise is rejected and nobody takes the error.',
    meaning: 'While a test ran, a promise was rejected without a handler. In production Node ends the process over it.',
    help: 'Await the promise, return it, or give it a handler before it can reject.',
    level: 'error',
  },
  'undeclared-error': {
    one: 'undeclared error',
    many: 'undeclared errors',
    title: 'After a fault, an error comes out that is not declared.',
    meaning:
      'A fault was injected and the function failed with an error that the configuration does not declare for it: its caller is not ready for it.',
    help: 'Turn the error into a declared one with the first as its cause, or declare it.',
    level: 'error',
  },
  'left-open': {
    one: 'resource left open',
    many: 'resources left open',
    title: 'After a fault, something is left open.',
    meaning: 'A fault was injected, and a file, socket or process was still open when the function was done.',
    help: 'Close it in a finally block, or hold it with `using`.',
    level: 'error',
  },
  'half-written': {
    one: 'half-written file',
    many: 'half-written files',
    title: 'After a fault, a file is left half-written.',
    meaning: 'A fault was injected while a file was written, and what was there of it stayed in its place.',
    help: 'Write to a temporary file in the same folder and rename it when it is whole.',
    level: 'error',
  },
  'waiver-expired': {
    one: 'expired waiver',
    many: 'expired waivers',
    title: 'A waiver is past its date.',
    meaning: 'The path was excused until a day that is over.',
    help: 'Test the path and delete the waiver, or give it a new date and say why it still holds.',
    level: 'error',
  },
  'waiver-unused': {
    one: 'unused waiver',
    many: 'unused waivers',
    title: 'A waiver excuses what would not fail.',
    meaning: 'The path below passes by itself. A waiver that stays would hide the day on which it does not.',
    help: 'Delete the waiver.',
    level: 'warning',
  },
  'waiver-invalid': {
    one: 'invalid waiver',
    many: 'invalid waivers',
    title: 'A waiver cannot be read.',
    meaning: 'Its reason or its date is missing or malformed, or no error path is below it, so it excuses nothing.',
    help: 'Give it a reason and a date, in the line above the path.',
    level: 'error',
  },
  unparsed: {
    one: 'file that cannot be parsed',
    many: 'files that cannot be parsed',
    title: 'A file cannot be parsed.',
    meaning: 'The error paths of this file are not known, so nothing can be said of them.',
    help: 'Mend the syntax, or leave the file out in the configuration.',
    level: 'error',
  },
  threshold: {
    one: 'missed threshold',
    many: 'missed thresholds',
    title: 'A share is under its threshold.',
    meaning: 'Fewer error paths are reached, or asserted, than the configuration asks for.',
    help: 'Test the paths that are named beside this, or lower the threshold and say why.',
    level: 'error',
  },
};
