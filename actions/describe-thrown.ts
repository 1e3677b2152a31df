import { inspect } from 'node:util';
import { CleaverError } from '../pipelines/core/errors.ts';

const MAX_CAUSES = 5;

/** An error for its reader: the code as title, what and why with the causes, what to do. */
export function describeThrown(thrown: unknown): { title: string; message: string } {
  const message = [textOf(thrown), ...causesOf(thrown)].join('\n');
  if (thrown instanceof CleaverError) return { title: thrown.code, message: `${message}\nWhat to do: ${thrown.hint}` };
  return {
    title: 'BUG',
    message: `${message}\nWhat to do: this is a bug of Cleaver's. Report it with the lines of the log as an issue of the repository.`,
  };
}

/** What was thrown, for the log: with the stacks of an Error and its causes. */
export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? inspect(thrown) : textOf(thrown);
}

function causesOf(thrown: unknown): string[] {
  const said = [textOf(thrown)];
  const seen = new Set<unknown>([thrown]);
  const open = reasonsOf(thrown);
  for (let cause = open.shift(); cause !== undefined; cause = open.shift()) {
    // A chain may come back to where it began.
    if (seen.has(cause.thrown)) continue;
    seen.add(cause.thrown);
    open.unshift(...reasonsOf(cause.thrown));
    const message = textOf(cause.thrown);
    // Many messages repeat their cause already.
    if (!said.some((earlier) => earlier.includes(message))) said.push(message);
  }
  const causes = said.slice(1, 1 + MAX_CAUSES).map((message) => `Caused by: ${message}`);
  const more = said.length - 1 - MAX_CAUSES;
  return more > 0 ? [...causes, `… and ${more} more`] : causes;
}

function reasonsOf(thrown: unknown): { thrown: unknown }[] {
  if (!(thrown instanceof Error)) return [];
  const causes = thrown.cause === undefined ? [] : [thrown.cause];
  const several: unknown[] = thrown instanceof AggregateError ? thrown.errors : [];
  return [...causes, ...several].map((reason) => ({ thrown: reason }));
}

function textOf(thrown: unknown): string {
  // An AggregateError of a failed connection has no message of its own.
  if (thrown instanceof Error) return thrown.message === '' ? thrown.name : thrown.message;
  return typeof thrown === 'string' ? thrown : `${inspect(thrown, { depth: 2 })} was thrown, which is no Error`;
}
