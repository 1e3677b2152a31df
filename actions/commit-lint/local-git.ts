import { getExecOutput } from '@actions/exec';

/** Answers of git in a checkout; a failure is an answer too. */
export interface LocalGit {
  /** What git said; undefined when it ended with an error. */
  ask(args: readonly string[], input?: string): Promise<string | undefined>;
  /** Fetches from `origin`; answers what went wrong, or undefined. */
  fetch(args: readonly string[]): Promise<string | undefined>;
}

/** Git in a folder. The token (none: as the checkout is set up) is for fetching, and is never among the arguments. */
export function openGit(folder: string, token = ''): LocalGit {
  const run = (args: readonly string[], options: { env?: Record<string, string>; input?: Buffer } = {}) =>
    // What strangers wrote would be commands for the runner in its log, so git is silent.
    getExecOutput('git', ['-C', folder, ...args], { silent: true, ignoreReturnCode: true, ...options });
  return {
    async ask(args, input) {
      const { exitCode, stdout } = await run(args, input === undefined ? {} : { input: Buffer.from(input) });
      return exitCode === 0 ? stdout : undefined;
    },
    async fetch(args) {
      const { exitCode, stderr } = await run(['fetch', '--no-tags', '--no-recurse-submodules', ...args], {
        env: fetchEnvironment(token),
      });
      if (exitCode === 0) return undefined;
      const said = stderr.split('\n').find((line) => /^(fatal|error):/.test(line));
      return (said ?? `git fetch ended with ${exitCode}`).replaceAll(/\/\/[^/@\s]*@/g, '//***@');
    },
  };
}

/** The header that git sends with the token; to be hidden like the token itself. */
export function authorization(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}

function fetchEnvironment(token: string): Record<string, string> {
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  Object.assign(env, { GIT_TERMINAL_PROMPT: '0', GIT_HTTP_LOW_SPEED_LIMIT: '1000', GIT_HTTP_LOW_SPEED_TIME: '60' });
  if (token === '') return env;
  const key = `http.${process.env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/.extraheader`;
  const count = Number(env['GIT_CONFIG_COUNT'] ?? 0);
  // An empty value drops the header that the checkout may have left: GitHub refuses two of them.
  for (const [index, value] of ['', `AUTHORIZATION: basic ${authorization(token)}`].entries()) {
    env[`GIT_CONFIG_KEY_${count + index}`] = key;
    env[`GIT_CONFIG_VALUE_${count + index}`] = value;
  }
  return { ...env, GIT_CONFIG_COUNT: String(count + 2) };
}
