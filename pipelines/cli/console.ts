import { styleText } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { CleaverError } from '../core/errors.ts';
import type { Progress } from '../steps/context.ts';

/** What a person sees while a command runs, all of it on stderr: stdout is for the result. */
export interface PersonConsole {
  line(text: string): void;
  /** On a terminal a bar that is drawn over; elsewhere nothing but the texts that stand alone. */
  progress: Progress;
}

/** A console on stderr; `quiet` shows nothing but lines. */
export function openConsole(): PersonConsole {
  const isTerminal = process.stderr.isTTY;
  const bar = new SingleBar(
    { format: '  {bar} {percentage} % | {text}', hideCursor: true, clearOnComplete: true, stream: process.stderr },
    Presets.shades_grey,
  );
  let running = false;
  const endBar = () => {
    if (running) bar.stop();
    running = false;
  };
  return {
    line(text) {
      endBar();
      process.stderr.write(`${text}\n`);
    },
    progress(text, part) {
      if (part === undefined) {
        this.line(styleText('dim', `  ${text}`, { stream: process.stderr }));
        return;
      }
      // A single piece of work is over before a bar is seen.
      if (!isTerminal || part.total <= 1) return;
      if (!running) bar.start(part.total, 0, { text });
      running = true;
      bar.setTotal(part.total);
      bar.update(part.done, { text });
      if (part.done >= part.total) endBar();
    },
  };
}

/** Exit status of a thrown value: 2 for what the user can mend, 1 for a bug of ours. */
export function exitStatusOf(thrown: unknown): 1 | 2 {
  return thrown instanceof CleaverError ? 2 : 1;
}

/** An error for a person: what and why, what to do; for a bug the stack and where to report it. */
export function describeError(thrown: unknown): string {
  if (thrown instanceof CleaverError) {
    return `${styleText('red', thrown.code, { stream: process.stderr })}: ${thrown.message}\n${styleText('bold', 'What to do:', { stream: process.stderr })} ${thrown.hint}\n`;
  }
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return `This is a bug of Cleaver's. Please report it with these lines as an issue of the repository:\n${stack}\n`;
}

/** The same as one JSON object, for `--json`. */
export function errorJson(thrown: unknown): Record<string, unknown> {
  return thrown instanceof CleaverError
    ? { outcome: 'error', code: thrown.code, message: thrown.message, hint: thrown.hint }
    : { outcome: 'bug', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/** A result as lines `name: value`, for people. */
export function describeResult(result: object): string {
  return Object.entries(result as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}
