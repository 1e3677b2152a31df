import { getOctokit } from '@actions/github';
import { retry } from '@octokit/plugin-retry';
import { CleaverError } from '../../core/errors.ts';
import { explain, rateLimitSeconds, type TokenAdvice } from './errors.ts';

/** With what a repository is asked. */
export interface GithubAccess {
  owner: string;
  repo: string;
  token: string;
  advice: TokenAdvice;
}

/** A repository on GitHub, to be asked. Errors of all: GITHUB_UNREACHABLE, _FORBIDDEN, _RATE_LIMITED, _REFUSED. */
export interface Github {
  at: { owner: string; repo: string };
  rest: Octokit['rest'];
  paginate: Octokit['paginate'];
  /**
   * Does work with requests; what they end with is said as "cannot <task>". `permission` is what they need, for answers
   * that don't say it.
   */
  asking: <T>(task: string, permission: string, work: () => Promise<T>) => Promise<T>;
}

export interface GithubLimits {
  /** For each try of a request, its answer's body included. */
  timeoutMs: number;
  /** Tries after the first, where a request may be tried again: after 1, 4, 9 … seconds. */
  retries: number;
  /** The longest wait for GitHub's rate limit, in all. */
  maxWaitSeconds: number;
  /** How long a second of waiting is; less in a test. */
  secondMs: number;
}

export const GITHUB_LIMITS: GithubLimits = { timeoutMs: 15_000, retries: 3, maxWaitSeconds: 60, secondMs: 1000 };

type Octokit = ReturnType<typeof getOctokit>;

/** For a request that creates or starts something: it is tried again after a rate limit only. */
export const ONCE = { request: { retries: 0 } };

/**
 * A repository at `GITHUB_API_URL`, within limits. Requests are tried again after a fault of GitHub's or no answer, but
 * for those that are {@link ONCE}. Error: OPTION_INVALID without a token.
 */
export function openGithub({ owner, repo, token, advice }: GithubAccess, limits: GithubLimits): Github {
  if (token === '') throw new CleaverError('OPTION_INVALID', 'There is no token for GitHub.', { hint: advice.missing });
  const { rest, paginate } = openClient(token, limits);
  const asking: Github['asking'] = async (task, permission, work) => {
    try {
      return await work();
    } catch (error) {
      throw explain(error, { task, permission, advice });
    }
  };
  return { at: { owner, repo }, rest, paginate, asking };
}

function openClient(token: string, limits: GithubLimits): Octokit {
  const options = {
    baseUrl: apiUrl(),
    retry: { retries: limits.retries, retryAfterBaseValue: limits.secondMs, doNotRetry: REFUSALS },
  };
  // The last one is the outermost: it tries again all that is within.
  return getOctokit(token, options, withLimits(limits), retry);
}

/** Answers that stay the same. A rate limit does not, but says itself how long it lasts. */
const REFUSALS = [400, 401, 403, 404, 409, 410, 422, 429, 451];

type Plugin = NonNullable<Parameters<typeof getOctokit>[2]>;

/** What the plugin `retry` adds to the client. */
interface Retrying {
  retry: { retryRequest: (error: unknown, retries: number, retryAfterSeconds: number) => Error };
}

function withLimits({ timeoutMs, maxWaitSeconds }: GithubLimits): Plugin {
  let waitedSeconds = 0;
  return (octokit) => {
    octokit.hook.wrap('request', async (request, options) => {
      options.request.signal = AbortSignal.timeout(timeoutMs);
      const response = await request(options);
      if (response.status === 204 || (typeof response.data === 'object' && response.data !== null)) return response;
      // The client takes an answer that breaks off for an empty one.
      throw Object.assign(new Error('the answer broke off, or is not JSON'), { status: 502, request: options });
    });
    octokit.hook.error('request', (error) => {
      const seconds = rateLimitSeconds(error, Date.now());
      if (seconds === undefined || waitedSeconds + seconds > maxWaitSeconds) throw error;
      waitedSeconds += seconds;
      throw (octokit as unknown as Retrying).retry.retryRequest(error, maxWaitSeconds, seconds);
    });
  };
}

function apiUrl(): string {
  const url = process.env['GITHUB_API_URL'] ?? '';
  if (url === '') return 'https://api.github.com';
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  throw new CleaverError('OPTION_INVALID', `GITHUB_API_URL is no address: ${url}`, {
    hint: 'Leave it to the runner, which sets it, or set it as https://api.github.com.',
  });
}
