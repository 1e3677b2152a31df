import path from 'node:path';
import type { FaultScope } from '../find/fault-scopes.ts';
import type { FaultOptions } from '../options.ts';
import type { Failure, FailureReason } from '../result.ts';
import type { FaultRun } from '../run/try-faults.ts';
import type { FaultOutcome } from '../runtime/fault-watch.ts';

/** Errors that no code means to throw. */
const MISTAKES = ['TypeError', 'ReferenceError', 'SyntaxError', 'RangeError', 'AssertionError'];

/** What faults did that they may not: one failure for each place and reason, whatever call made it come up. */
export function faultFailures(
  { outcomes, stuck }: FaultRun,
  scopes: readonly FaultScope[],
  { declared, leftovers = [] }: FaultOptions,
): Failure[] {
  const byId = new Map(scopes.map((scope) => [scope.id, scope]));
  const failures = new Map<string, Failure>();
  const add = (scope: FaultScope, reason: FailureReason, at: string | undefined, message: string, hint: string) => {
    const [, file = scope.file, line = String(scope.line)] = /^(.+?):(\d+):\d+$/.exec(at ?? '') ?? [];
    const key = `${file}:${line} ${reason}`;
    if (!failures.has(key)) failures.set(key, { file, line: Number(line), kind: 'fault', reason, message, hint });
  };
  for (const outcome of outcomes) {
    const scope = byId.get(outcome.scope);
    if (scope === undefined) continue;
    const when = `When call ${outcome.n} of ${scope.name} fails (${outcome.failed.what})`;
    const { error } = outcome;
    if (error !== undefined && !isDeclared(error, declared)) {
      const name =
        error.code === undefined ? (error.classes[0] ?? 'an error') : `${error.classes[0] ?? ''} ${error.code}`;
      const message = `${when}, ${name} comes out: ${error.message.split('\n', 1)[0] ?? ''}`;
      add(
        scope,
        'undeclared-error',
        outcome.failed.at,
        message,
        'Turn it into a declared error where the call is made, or declare it (faults.declared).',
      );
    }
    for (const { what, at } of outcome.leftOpen) {
      add(
        scope,
        'left-open',
        at,
        `${when}, ${what} stays open.`,
        'Close it in a finally block, or take it by `using`.',
      );
    }
    for (const { what, at } of outcome.halfWritten) {
      if (leftovers.some((glob) => path.matchesGlob(what, `**/${glob}`))) continue;
      add(
        scope,
        'half-written',
        at,
        `${when}, ${path.basename(what)} is left half-written.`,
        'Write beside it and rename, or remove it when writing fails.',
      );
    }
  }
  for (const { scope: id, n, test } of stuck) {
    const scope = byId.get(id);
    const name = test.split('\n').slice(1).join(' > ');
    if (scope !== undefined) {
      add(
        scope,
        'undeclared-error',
        undefined,
        `When call ${n} of ${scope.name} fails, nothing comes out: ${name} hangs.`,
        'See that each promise is settled when a call fails.',
      );
    }
  }
  return [...failures.values()];
}

function isDeclared(
  { classes, code }: NonNullable<FaultOutcome['error']>,
  declared: readonly string[] | undefined,
): boolean {
  if (declared === undefined) return !classes.some((name) => MISTAKES.includes(name));
  return declared.some((name) => classes.includes(name) || name === code);
}
