import { FAILURE_REASONS, type FailureReason } from '../result.ts';

/** What can be waived: what a path itself fails by. */
export const WAIVABLE = [
  'unreached',
  'survivor',
  'swallowed',
  'undeclared-error',
  'left-open',
  'half-written',
] as const satisfies readonly FailureReason[];

export type Waivable = (typeof WAIVABLE)[number];

/** From which level on a reason can come up at all. */
export const LEVEL_OF: Record<Waivable, 1 | 2 | 3> = {
  unreached: 1,
  swallowed: 1,
  survivor: 2,
  'undeclared-error': 3,
  'left-open': 3,
  'half-written': 3,
};

/** A comment that lets what stands in the next line fail: `// exception-test allow survivor until 2027-06-30: why`. */
export interface Waiver {
  file: string;
  /** Of the comment; it holds for what begins in the line after it. */
  line: number;
  reasons: readonly Waivable[];
  /** The last day, YYYY-MM-DD. */
  until: string;
  why: string;
}

/** A comment that would be a waiver but cannot be read. */
export interface BrokenWaiver {
  file: string;
  line: number;
  problem: string;
}

const COMMENT = /^\s*(?:\/\/|\/\*|\{\s*\/\*)\s*exception-test\b[:\s]*(.*?)\s*(?:\*\/\s*\}?)?\s*$/;
const FORM = /^allow ([a-z-]+(?:, ?[a-z-]+)*) until (\S+?):\s*(.*)$/;
/** For the messages. */
const EXAMPLE = '// exception-test allow survivor until 2027-06-30: why it cannot be tested';

/** The waivers of a file, in the order of its lines. */
export function findWaivers(file: string, text: string): { waivers: Waiver[]; broken: BrokenWaiver[] } {
  const waivers: Waiver[] = [];
  const broken: BrokenWaiver[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const said = COMMENT.exec(line)?.[1];
    if (said === undefined) continue;
    const read = readWaiver(said);
    if (typeof read === 'string') broken.push({ file, line: at + 1, problem: read });
    else waivers.push({ file, line: at + 1, ...read });
  }
  return { waivers, broken };
}

function readWaiver(said: string): Pick<Waiver, 'reasons' | 'until' | 'why'> | string {
  const [, list = '', until = '', why = ''] = FORM.exec(said) ?? [];
  if (list === '') return `It is not of the form \`${EXAMPLE}\`.`;
  const reasons = list.split(/, ?/);
  const unknown = reasons.find((reason) => !(WAIVABLE as readonly string[]).includes(reason));
  if (unknown !== undefined) {
    const isReason = (FAILURE_REASONS as readonly string[]).includes(unknown);
    return `"${unknown}" ${isReason ? 'cannot be waived' : 'is no reason'}; ${WAIVABLE.join(', ')} can be.`;
  }
  if (!isDay(until)) return `"${until}" is not a day as YYYY-MM-DD.`;
  if (why.trim().length < 8) return 'It gives no reason after the colon.';
  return { reasons: reasons as Waivable[], until, why: why.trim() };
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
