import { CleaverError, messageOf, type ErrorCode } from '../../core/errors.ts';

/** What the client throws; without `response` there was no answer, and the status is 500. */
interface FailedRequest extends Error {
  status: number;
  response?: { headers: Record<string, string | number | undefined> };
}

/** What to do about a token, in the words of those who gave it. */
export interface TokenAdvice {
  /** Where there is none. */
  missing: string;
  /** Where GitHub does not accept it. */
  refused: string;
  /** Where it lacks permissions, such as "`contents: read`". */
  lacking: (permissions: string) => string;
}

interface Asked {
  task: string;
  permission: string;
  advice: TokenAdvice;
}

/** A page of HTML from a proxy between us and GitHub would fill the log. */
const MAX_REASON = 300;

/** Whether GitHub may have done what was asked although no good answer came. */
export function isUnclear(thrown: unknown): boolean {
  return isFailedRequest(thrown) && thrown.status >= 500;
}

/**
 * What failed, for its reader: GITHUB_UNREACHABLE, _FORBIDDEN, _RATE_LIMITED or _REFUSED; anything else as it is.
 * `task` completes "cannot …"; `permission` is what it needs, for answers that don't say it.
 */
export function explain(thrown: unknown, asked: Asked): unknown {
  if (!isFailedRequest(thrown)) return thrown;
  const { code, why, hint } = diagnose(thrown, asked);
  return new CleaverError(code, `GitHub: cannot ${asked.task}: ${why}`, { hint, cause: thrown });
}

/**
 * How long to wait for the rate limit, in seconds; undefined when that isn't what refused the request.
 * Source: GitHub's documentation, "Rate limits for the REST API", exceeding the rate limit.
 */
export function rateLimitSeconds(thrown: unknown, nowMs: number): number | undefined {
  if (!isFailedRequest(thrown) || (thrown.status !== 403 && thrown.status !== 429)) return undefined;
  const { 'retry-after': after, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset } = headersOf(thrown);
  if (isNumeric(after)) return Math.max(1, Number(after));
  if (remaining === '0' && isNumeric(reset)) return Math.max(1, Math.ceil(Number(reset) - nowMs / 1000));
  // Where it names no time, GitHub asks for a minute.
  return thrown.status === 429 || /secondary rate limit/i.test(thrown.message) ? 60 : undefined;
}

function diagnose(error: FailedRequest, { permission, advice }: Asked): { code: ErrorCode; why: string; hint: string } {
  const { status } = error;
  const said = `${status} ${(messageOf(error).split('\n')[0] ?? '').slice(0, MAX_REASON)}`;
  const seconds = rateLimitSeconds(error, Date.now());
  if (seconds !== undefined) {
    const until = new Date(Date.now() + seconds * 1000).toISOString();
    const why = `the limit of requests is used up until ${until} (${said})`;
    return { code: 'GITHUB_RATE_LIMITED', why, hint: `Run it again after ${until}.` };
  }
  if (status === 401) {
    return { code: 'GITHUB_FORBIDDEN', why: `the token is not accepted (${said})`, hint: advice.refused };
  }
  if (status === 403) {
    const needed = neededPermission(error) ?? `\`${permission}\``;
    const why = `the token lacks ${needed} (${said})`;
    return { code: 'GITHUB_FORBIDDEN', why, hint: advice.lacking(needed) };
  }
  if (status === 404) {
    const why = `it is not there, or the token may not see it (${said})`;
    const hint = `Look whether it is there. If it is: ${advice.lacking(`\`${permission}\``)}`;
    return { code: 'GITHUB_REFUSED', why, hint };
  }
  if (status === 410) {
    const hint = 'Turn on Issues in the settings of the repository.';
    return { code: 'GITHUB_REFUSED', why: `it is turned off, or was deleted (${said})`, hint };
  }
  if (status >= 500) {
    const why = error.response === undefined ? `no answer (${said.replace('500 ', '')})` : said;
    const hint = 'Look at https://www.githubstatus.com and at the network of this machine, then run it again.';
    return { code: 'GITHUB_UNREACHABLE', why, hint };
  }
  return { code: 'GITHUB_REFUSED', why: said, hint: 'What GitHub answers names what it objects to.' };
}

/** GitHub writes `pull_requests=read,contents=read; issues=read`, a workflow `pull-requests: read`. */
function neededPermission(error: FailedRequest): string | undefined {
  const sets = String(headersOf(error)['x-accepted-github-permissions'] ?? '').split(';');
  const needed = sets.map((set) =>
    [...set.matchAll(/([a-z_]+)=([a-z]+)/g)]
      .map(([, name = '', level = '']) => `\`${name.replaceAll('_', '-')}: ${level}\``)
      .join(' and '),
  );
  return needed.filter(Boolean).join(' or ') || undefined;
}

function headersOf(error: FailedRequest): Record<string, string | number | undefined> {
  return error.response?.headers ?? {};
}

function isNumeric(header: string | number | undefined): boolean {
  return header !== undefined && header !== '' && Number.isFinite(Number(header));
}

function isFailedRequest(thrown: unknown): thrown is FailedRequest {
  return thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number';
}
