import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Programs } from '../programs.ts';
import { openApi } from './api-proxy.ts';

/** An API server behind `kubectl proxy`, and how often that was started and stopped. */
function withApi(listener: RequestListener) {
  const started: string[] = [];
  const sockets: string[] = [];
  const servers = new Set<ReturnType<typeof createServer>>();
  let stops = 0;
  const stop = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  const start: Programs['start'] = async (program, args) => {
    sockets.push(args.at(-1) ?? '');
    started.push([program, ...args.slice(0, -1)].join(' '));
    const server = createServer(listener).listen(sockets.at(-1));
    servers.add(server);
    await once(server, 'listening');
    return { stop: () => Promise.resolve(void (stops += 1)) };
  };
  const api = openApi({ start } as Programs, 200);
  onTestFinished(async () => {
    stop();
    await api.close();
  });
  return { api, started, sockets, stop, stops: () => stops };
}

test('one proxy for all questions, as a host that it answers, on a socket that is gone in the end', async () => {
  const { api, started, sockets, stops } = withApi((request, response) => {
    response.end(`${request.headers.host} ${request.url}`);
  });
  expect(await Promise.all([api.ask('/a'), api.ask('/b?c=d')])).toEqual(['localhost /a', 'localhost /b?c=d']);
  expect(await api.get('/a')).toEqual({ status: 200, body: 'localhost /a' });
  expect(started).toEqual(['kubectl proxy --unix-socket']);
  const folder = path.dirname(sockets[0] ?? '');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  await api.close();
  expect([stops(), existsSync(folder)]).toEqual([1, false]);
});

test.each([
  [
    403,
    '{"kind":"Status","reason":"Forbidden","message":"pods is forbidden"}',
    'CLUSTER_FORBIDDEN',
    'Error from server (Forbidden): pods is forbidden',
  ],
  [404, '{"message":"none"}', 'CLUSTER_REFUSED', 'Error from server (404): none'],
  [500, 'dial tcp 10.0.0.1:6443: connect: connection refused\n', 'CLUSTER_UNREACHABLE', 'dial tcp 10.0.0.1:6443'],
  [502, '', 'CLUSTER_REFUSED', 'status 502'],
])('an answer of %d with %j is %s', async (status, body, code, message) => {
  const { api } = withApi((_, response) => response.writeHead(status).end(body));
  expect(await api.get('/')).toEqual({ status, body });
  await expect(api.ask('/')).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
});

test('what does not answer in time is no answer, and the proxy goes on', async () => {
  const { api, started } = withApi((request, response) => {
    if (request.url === '/quick') response.end('here');
  });
  expect(await api.get('/slow')).toMatchObject({ status: 504 });
  await expect(api.ask('/slow')).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(await api.ask('/quick')).toBe('here');
  expect(started).toHaveLength(1);
});

test('a proxy that ends, also in the middle of an answer, is followed by another', async () => {
  const { api, started, stop } = withApi((request, response) => {
    if (request.url === '/half')
      response.writeHead(200, { 'content-length': '9' }).write('half', () => response.destroy());
    else response.end('here');
  });
  await expect(api.get('/half')).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(await api.ask('/')).toBe('here');
  stop();
  await expect(api.get('/')).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(await api.ask('/')).toBe('here');
  expect(started).toHaveLength(3);
});

test('where kubectl cannot be started, that is told, and tried again', async () => {
  let tries = 0;
  const start = () => Promise.reject(new Error(`no kubectl ${(tries += 1)}`));
  const api = openApi({ start } as unknown as Programs);
  await expect(api.ask('/')).rejects.toThrow('no kubectl 1');
  await expect(api.ask('/')).rejects.toThrow('no kubectl 2');
  await api.close();
});
