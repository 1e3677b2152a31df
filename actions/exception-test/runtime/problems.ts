/** What went wrong while a test ran, although the test itself may not have noticed. */
export interface Problem {
  message: string;
  /** `file:line:column`, or the path's id. */
  at: string;
}

const SWALLOWED = 'An error was swallowed: ';
const UNHANDLED = 'A rejection was not handled: ';

export function swallowedProblem(error: string, at: string): Problem {
  return { message: SWALLOWED + error, at };
}

export function unhandledProblem(error: string, at: string): Problem {
  return { message: UNHANDLED + error, at };
}

/** Whether the message of a test's error is that of problems. */
export function isProblem(message: string): boolean {
  return message.startsWith(SWALLOWED) || message.startsWith(UNHANDLED);
}

/** The message of the tests that are left out once one has noticed a mutant. */
export const NOTICED = 'A test before has noticed the mutant.';
