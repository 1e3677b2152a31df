import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { requestOf } from './bodies.ts';
import { Latencies } from './latencies.ts';
import { closedLoop, openLoop } from './load.ts';

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const requests = ['{"a":1}', '{"a":2}'].map((body) => requestOf('/x', body));

test('every request of a closed loop is sent whole, in turn, and its answer counted by status', async () => {
  const bodies: string[] = [];
  const port = await serve((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.statusCode = body.includes('2') ? 503 : 200;
      // In pieces and longer than one read.
      response.setHeader('content-length', 200_000);
      response.write('x'.repeat(100_000));
      response.end('x'.repeat(100_000));
    });
  });
  const { latencies, broken } = await closedLoop({ port, requests, connections: 1, seconds: 0.5 });
  expect(bodies.slice(0, 4)).toEqual(['{"a":1}', '{"a":2}', '{"a":1}', '{"a":2}']);
  expect((latencies.get(200)?.count ?? 0) + (latencies.get(503)?.count ?? 0)).toBe(bodies.length);
  expect(broken).toBe(0);
});

test('an open loop sends what is due, and counts what found no free connection', async () => {
  let answered = 0;
  const port = await serve((request, response) => {
    request.resume();
    // Both connections wait for their answers until long after the last request's time.
    setTimeout(() => response.end('{}'), answered++ < 2 ? 1000 : 0);
  });
  const { latencies, unsent } = await openLoop({ port, requests, connections: 2, seconds: 0.1, perSecond: 300 });
  expect(latencies.get(200)?.count).toBe(2);
  expect(unsent).toBe(28);
});

test('a connection that breaks counts its request and is opened again', async () => {
  let asked = 0;
  const port = await serve((request, response) => {
    request.resume();
    asked += 1;
    if (asked === 1) request.socket.destroy();
    else response.end('{}');
  });
  const { latencies, broken } = await closedLoop({ port, requests, connections: 1, seconds: 0.5 });
  expect(broken).toBe(1);
  expect(latencies.get(200)?.count).toBeGreaterThan(0);
});

test('quantiles are those of the counted latencies, to the step', () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 100; ms += 1) latencies.add(ms);
  latencies.add(60_000);
  expect(latencies.quantileMs(0.5)).toBeCloseTo(51, 1);
  expect(latencies.quantileMs(0.99)).toBeCloseTo(100, 1);
  expect([latencies.count, latencies.maxMs]).toEqual([101, 60_000]);
  expect(new Latencies().quantileMs(0.5)).toBeNaN();
});
