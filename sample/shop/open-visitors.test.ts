import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openVisitors } from './open-visitors.ts';

test('visitors ask the service until the shop closes, and what came of it is counted', async () => {
  const asked = Promise.withResolvers<undefined>();
  const service = createServer((_, response) => {
    response.end('{"version": "v1", "predictions": [{"score": 0.5}]}');
    asked.resolve(undefined);
  });
  onTestFinished(() => void service.close());
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/predict/shop`;
  const visitors = openVisitors();
  visitors.admit({ url, version: 'v1', visitors: [{ row: {}, score: 0.25 }] });
  await asked.promise;
  const counts = await visitors.close();
  expect(counts).toMatchObject({ failed: 0, maxDifference: 0.25, versions: ['v1'] });
  expect(counts.sent).toBe(counts.compared);
  expect(counts.sent).toBeGreaterThan(0);
  // Whoever closes the shop twice hears the same.
  expect(await visitors.close()).toEqual(counts);
});

test('what the thread of the visitors dies of is thrown as the shop closes, not before', async () => {
  const visitors = openVisitors(new URL("data:text/javascript,throw new Error('no door')"));
  await expect(visitors.close()).rejects.toThrow('no door');
  await expect(visitors.close()).rejects.toThrow('no door');
});
