import { expect, onTestFinished, test } from 'vitest';
import { openGithubServer, type GithubServer } from './github-server.ts';

async function openServer(): Promise<GithubServer> {
  const server = await openGithubServer();
  onTestFinished(() => server.close());
  return server;
}

async function ask(server: GithubServer, method: string, path: string, body?: object): Promise<number> {
  const headers = { authorization: 'token x', 'content-type': 'application/json' };
  const answer = await fetch(server.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return answer.status;
}

test.each<[string, string, object | undefined, number, string]>([
  ['GET', '/repos/owner/shop/nonsense', undefined, 404, 'no such operation'],
  ['DELETE', '/repos/owner/shop/issues', undefined, 404, 'no such operation'],
  ['GET', '/repos/owner/shop/issues?lable=x', undefined, 422, 'lable'],
  ['GET', '/repos/owner/shop/issues?state=opened', undefined, 422, 'allowed'],
  ['GET', '/repos/owner/shop/pulls/seven', undefined, 422, 'must be integer'],
  ['POST', '/repos/owner/shop/dispatches', {}, 422, 'event_type'],
  ['POST', '/repos/owner/shop/dispatches', { event_type: 'x'.repeat(101) }, 422, '100'],
  ['POST', '/repos/owner/shop/issues', { body: 'without a title' }, 422, 'title'],
])('%s %s %j contradicts the description', async (method, path, body, status, why) => {
  const server = await openServer();
  expect(await ask(server, method, path, body)).toBe(status);
  expect(server.violations).toEqual([expect.stringContaining(why)]);
});

test('a request without a token is refused', async () => {
  const server = await openServer();
  expect((await fetch(`${server.url}/repos/owner/shop/issues`)).status).toBe(401);
});

test("another's repository is not there", async () => {
  const server = await openServer();
  expect(await ask(server, 'GET', '/repos/owner/other/issues')).toBe(404);
  expect(server.violations).toEqual([]);
});

test('a body is 65,536 characters at most', async () => {
  const server = await openServer();
  const issue = (length: number) => ({ title: 'x', body: 'ä'.repeat(length) });
  expect(await ask(server, 'POST', '/repos/owner/shop/issues', issue(65_536))).toBe(201);
  expect(await ask(server, 'POST', '/repos/owner/shop/issues', issue(65_537))).toBe(422);
});
