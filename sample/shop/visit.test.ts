import { describe, expect, test } from 'vitest';
import { askService, type Send } from './ask-service.ts';
import { noVisits, visit } from './visit.ts';

const today = {
  url: 'http://service/predict/shop',
  version: 'v2',
  visitors: [
    { row: { orders: 1 }, score: 0.5 },
    { row: { orders: 2 }, score: 0.25 },
  ],
};

/** A service that answers each time the same, and what it was asked. */
function service(body: unknown, status = 200) {
  const asked: unknown[] = [];
  const send: Send = (url, request) => {
    asked.push([url, JSON.parse(request.body as string)]);
    return Promise.resolve(Response.json(body, { status }));
  };
  return { asked, send };
}

const scored = (score: number, version = 'v2') => ({ version, predictions: [{ score }] });

describe('a visit', () => {
  test('asks for the visitor whose turn it is, and compares the score with the delivered one', async () => {
    const counts = noVisits();
    const { asked, send } = service(scored(0.75));
    for (const turn of [1, 2]) await visit(today, turn, counts, send);
    expect(asked).toEqual([
      [today.url, { row: { orders: 2 } }],
      [today.url, { row: { orders: 1 } }],
    ]);
    expect(counts).toEqual({ sent: 2, failed: 0, compared: 2, maxDifference: 0.5, versions: ['v2'] });
  });

  test('that another version answers is not compared', async () => {
    const counts = noVisits();
    await visit(today, 0, counts, service(scored(1, 'v3')).send);
    expect(counts).toEqual({ sent: 1, failed: 0, compared: 0, maxDifference: 0, versions: ['v3'] });
  });

  test.each([
    ['is refused', service('not now', 503).send, 'The service answered 503: "not now"'],
    ['is given a score over 1', service(scored(1.5)).send, 'the score 1.5'],
    ['is given no score', service({ version: 'v2', predictions: [] }).send, 'the score NaN'],
    ['finds the door shut', () => Promise.reject(new TypeError('fetch failed')), 'fetch failed'],
  ])('that %s is counted as failed, and nothing else', async (_, send, firstFailure) => {
    const counts = noVisits();
    await visit(today, 0, counts, send);
    expect(counts).toEqual({ ...noVisits(), sent: 1, failed: 1, firstFailure });
  });

  test('that fails later does not hide what failed first', async () => {
    const counts = noVisits();
    await visit(today, 0, counts, service('not now', 503).send);
    await visit(today, 1, counts, service(scored(-1)).send);
    expect(counts).toMatchObject({ failed: 2, firstFailure: 'The service answered 503: "not now"' });
  });
});

test('the service is asked for many rows at once; what it answers instead is thrown', async () => {
  const { asked, send } = service({ version: 'v2', predictions: [{ score: 0.1 }, { score: 0.2 }] });
  const rows = [{ orders: 1 }, { orders: 2 }];
  expect((await askService(today.url, { rows }, send)).predictions).toHaveLength(2);
  expect(asked).toEqual([[today.url, { rows }]]);
  await expect(askService(today.url, { rows }, service({ code: 'FEATURE_MISSING' }, 400).send)).rejects.toThrow(
    'The service answered 400: {"code":"FEATURE_MISSING"}',
  );
});
