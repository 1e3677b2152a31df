import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { ANSWERS, refusal, type Answer, type GithubState } from '../github/answers.ts';
import { findOperation, problemsOfAnswer, problemsOfRequest, type Asked } from '../github/description.ts';

/** A planned failure: `hang` never answers, `close` ends the connection, `lost` does the work first, `cut` half-answers. */
export type PlannedAnswer =
  { status: number; headers?: Record<string, string>; message?: string } | 'hang' | 'close' | 'lost' | 'cut';

/** The token lacks a permission, as GitHub says it. */
export function forbidden(permissions: string): PlannedAnswer {
  return {
    status: 403,
    headers: { 'x-accepted-github-permissions': permissions },
    message: 'Resource not accessible by integration',
  };
}

export interface GithubServer extends GithubState {
  /** For GITHUB_API_URL. */
  url: string;
  requests: Asked[];
  /** Where a request or an answer is not what GitHub describes. */
  violations: string[];
  /** The next requests (one by default) of a method, to a path that begins so or matches, are answered like this. */
  failNext(matcher: { method?: string; path?: string | RegExp }, answer: PlannedAnswer, times?: number): void;
  close(): Promise<void>;
}

/** GitHub's API on loopback, ended with the test, which fails when anything contradicted GitHub's description. */
export async function startGithubServer(): Promise<GithubServer> {
  const server = await openGithubServer();
  onTestFinished(async () => {
    await server.close();
    expect(server.violations).toEqual([]);
  });
  return server;
}

/** The same for longer than a test; whoever opens it closes it and looks at `violations`. */
export async function openGithubServer(port = 0): Promise<GithubServer> {
  const plans: { matches: (asked: Asked) => boolean; answer: PlannedAnswer; times: number }[] = [];
  const http = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  const server: GithubServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    owner: 'owner',
    name: 'shop',
    requests: [],
    violations: [],
    comments: [],
    issues: [],
    pulls: [],
    dispatches: [],
    workflows: [],
    runs: [],
    failNext({ method, path }, answer, times = 1) {
      const fits = (text: string) =>
        path === undefined || (typeof path === 'string' ? text.startsWith(path) : path.test(text));
      const matches = (asked: Asked) => (method === undefined || method === asked.method) && fits(asked.path);
      plans.push({ matches, answer, times });
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const asked = { method: incoming.method ?? '', path: incoming.url ?? '', body: await bodyOf(incoming) };
    server.requests.push(asked);
    const plan = plans.find(({ matches, times }) => times > 0 && matches(asked));
    if (plan) plan.times -= 1;
    const planned = plan?.answer;
    if (planned === 'hang') return;
    const answer =
      planned === 'close'
        ? undefined
        : typeof planned === 'object'
          ? { ...refusal(planned.status, planned.message ?? 'planned'), headers: planned.headers ?? {} }
          : answerAsked(server, asked, incoming.headers.authorization);
    if (answer === undefined || planned === 'lost') {
      outgoing.destroy();
      return;
    }
    const link = answer.headers?.['link']?.replace('<?', `<${server.url}${asked.path.split('?')[0]}?`);
    const headers = { ...answer.headers, ...(link === undefined ? {} : { link }) };
    outgoing.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
    if (planned === 'cut') outgoing.write(text.slice(0, text.length / 2), () => outgoing.destroy());
    else outgoing.end(text);
  }
}

function answerAsked(server: GithubServer, asked: Asked, authorization: string | undefined): Answer {
  const violated = (problem: string) => server.violations.push(`${asked.method} ${asked.path}: ${problem}`);
  const described = findOperation(asked);
  if (!described) {
    violated('there is no such operation in openapi.json');
    return refusal(404, 'Not Found');
  }
  const problems = problemsOfRequest(described, asked);
  problems.forEach(violated);
  if (authorization === undefined) return refusal(401, 'Requires authentication');
  if (problems.length > 0) return refusal(422, problems.join('; '));
  const { owner, repo } = described.params;
  if (owner !== server.owner || repo !== server.name) return refusal(404, 'Not Found');
  const answer = ANSWERS[described.id]?.(server, described, (asked.body ?? {}) as Record<string, unknown>);
  if (!answer) throw new Error(`${described.id} has no answer in tests/github/answers.ts`);
  problemsOfAnswer(described, answer.status, answer.body).forEach((problem) => violated(`our answer: ${problem}`));
  return answer;
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
