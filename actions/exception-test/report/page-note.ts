import type { ExceptionResult, Failure, Mutation, TestedPath } from '../result.ts';
import { escapeHtml } from './html.ts';
import { REASONS } from './reasons.ts';
import { STATE_LOOKS, stateOf } from './state.ts';

/** Tests named for a path; a path of a module that all use is reached by hundreds. */
const MAX_TESTS = 5;

/** What was done to a path, in words. */
const MUTATION_WORDS: Readonly<Record<Mutation, string>> = {
  remove: 'was left out',
  rethrow: 'handed the error on',
};

/** What is said of a path: its state, what fails about it, and the tests that reach it. */
export function noteOnPath(path: TestedPath, failures: readonly Failure[], level: ExceptionResult['level']): string {
  const { kind, inside, count, swallows, tests, waived } = path;
  const state = stateOf(path, level);
  const { letter, label } = STATE_LOOKS[state];
  const where = inside === undefined ? '' : ` in <code>${escapeHtml(inside)}</code>`;
  const times = count === 0 ? '' : ` · executed ${count === 1 ? 'once' : `${count} times`}`;
  const facts = [
    waived ? `Waived until ${waived.until}: ${waived.reason}` : '',
    ...mutationFacts(path),
    swallows ? 'By its syntax it takes an error and does nothing with it.' : '',
  ].filter((fact) => fact !== '');
  const failing = failures.map((failure) => failureText(failure, failure.reason !== state));
  return `<div class="note ${letter}"><p><strong>${label}</strong> · ${kind}${where}${times}</p>${failing.join('')}${facts.map((fact) => `<p>${escapeHtml(fact)}</p>`).join('')}${testList(tests)}</div>`;
}

/** A failure that no path stands for, such as a waiver's. */
export function noteOnFailure(failure: Failure): string {
  return `<div class="note X">${failureText(failure, true)}</div>`;
}

function mutationFacts({ survivors, notTried }: TestedPath): string[] {
  return [
    ...survivors.map((mutation) => `No test noticed when it ${MUTATION_WORDS[mutation]}.`),
    ...notTried.map((mutation) => `Not tried: that it ${MUTATION_WORDS[mutation]}.`),
  ];
}

/** Where the reason is the state of the path, it has been said. */
function failureText({ reason, message, hint }: Failure, withReason: boolean): string {
  const said = withReason ? `<strong>${REASONS[reason].one}</strong> ` : '';
  const help = hint === '' ? '' : `<br><span class="hint">${escapeHtml(hint)}</span>`;
  return `<p class="failure">${said}${escapeHtml(message)}${help}</p>`;
}

function testList(tests: readonly string[]): string {
  if (tests.length === 0) return '';
  const items = tests.slice(0, MAX_TESTS).map((test) => `<li>${escapeHtml(test)}</li>`);
  const rest = tests.length - items.length;
  if (rest > 0) items.push(`<li>and ${rest} more</li>`);
  return `<p>Reached by</p><ul>${items.join('')}</ul>`;
}
