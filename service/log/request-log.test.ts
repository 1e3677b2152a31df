import { Hono } from 'hono';
import { describe, expect, test, vi } from 'vitest';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { makeApiKey, parseApiKeys, requireScope } from '../access/api-keys.ts';
import { type RequestLine, requestLog } from './request-log.ts';
import { readSettings } from '../settings.ts';

type Settings = Parameters<typeof requestLog>[0];

function openLog(settings: Partial<Settings> = {}, random = () => 0) {
  const texts: string[] = [];
  let closed = 0;
  const writer = {
    write: (text: string) => void texts.push(text),
    async close() {
      closed += 1;
      await Promise.resolve();
    },
    state: { dropped: 3, waitingBytes: 0, problem: undefined },
  };
  const log = requestLog({ level: 'info', requestShare: 1, ...settings }, { writer, random });
  return {
    log,
    texts,
    closed: () => closed,
    lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>),
  };
}

const good: RequestLine = {
  method: 'POST',
  route: '/predict/:model',
  status: 200,
  durationMs: 1.25,
  requestId: 'r-1',
  model: 'shop',
  version: 'v3',
};

describe('a request', () => {
  test('is one line of JSON with the fields of the Elastic Common Schema', () => {
    const { log, texts, lines } = openLog();
    log.request(good);
    expect(texts[0]).toMatch(/^{"log\.level":"info","@timestamp":"\d{4}-\d\d-\d\dT[\d:.]+Z",.*}\n$/);
    expect(lines()).toEqual([
      {
        'log.level': 'info',
        '@timestamp': expect.any(String) as string,
        'ecs.version': '8.10.0',
        'service.name': 'cleaver',
        'service.version': expect.stringMatching(/^\d/) as string,
        'process.pid': process.pid,
        'http.request.method': 'POST',
        'url.path': '/predict/:model',
        'http.response.status_code': 200,
        'event.duration': 1_250_000,
        'trace.id': 'r-1',
        'labels.model': 'shop',
        'labels.version': 'v3',
        message: 'POST /predict/:model 200',
      },
    ]);
  });

  test('that went well is logged by its share', () => {
    let next = 0;
    const { log, lines } = openLog({ requestShare: 0.25 }, () => (next = (next + 1) % 100) / 100);
    for (let count = 0; count < 1000; count += 1) log.request(good);
    expect(lines()).toHaveLength(250);
  });

  test.each([
    ['the share is 0', { requestShare: 0 }],
    ['only warnings are logged', { level: 'warn' as const }],
  ])('that went well is not logged when %s', (_, settings) => {
    const { log, texts } = openLog(settings);
    log.request(good);
    expect(texts).toEqual([]);
  });

  test('that failed is always logged, with the code of its error', () => {
    const { log, lines } = openLog({ requestShare: 0 }, () => 0.999);
    log.request({ ...good, status: 404, model: undefined, code: 'MODEL_UNKNOWN' });
    log.request({ ...good, status: 503, code: 'OVERLOADED' });
    expect(lines()).toMatchObject([
      { 'log.level': 'warn', 'http.response.status_code': 404, 'error.code': 'MODEL_UNKNOWN' },
      { 'log.level': 'error', 'http.response.status_code': 503, 'error.code': 'OVERLOADED' },
    ]);
    expect(lines()[0]).not.toHaveProperty(['labels.model']);
  });

  test('that failed is not logged, nor counted, when only worse is to be', async () => {
    const { log, texts } = openLog({ level: 'error' });
    for (let count = 0; count < 200; count += 1) log.request({ ...good, status: 400 });
    await log.close();
    expect(texts).toEqual([]);
  });

  test('is one of at most a hundred failed ones in a second; of the others the number is told', () => {
    vi.useFakeTimers();
    const { log, lines } = openLog();
    for (let count = 0; count < 1000; count += 1) log.request({ ...good, status: count % 2 === 0 ? 503 : 400 });
    log.request(good);
    expect(lines()).toHaveLength(101);
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    expect(lines().at(-1)).toMatchObject({
      'log.level': 'warn',
      'event.action': 'requests-not-logged',
      'cleaver.not_logged': { 400: 450, 503: 450 },
    });
  });
});

describe('what a client sends', () => {
  test('does not get into the log with what else the line’s object holds', () => {
    const { log, texts } = openLog();
    const more = {
      body: 'secret',
      headers: { authorization: 'secret' },
      entity: 'secret',
      url: '/predict/shop?secret',
    };
    log.request({ ...good, ...more });
    log.request({ ...good, ...more, status: 400 });
    log.error({ message: 'It fails', error: new Error('a bug'), ...more });
    expect(texts).toHaveLength(3);
    expect(texts.join('')).not.toContain('secret');
  });

  test('neither key nor query is in the log of an app that uses it', async () => {
    const { log, texts } = openLog();
    const key = makeApiKey('shop', ['predict']);
    const app = new Hono();
    app.use(async (context, next) => {
      await next();
      const { method } = context.req;
      log.request({ method, route: '/predict/:model', status: context.res.status, durationMs: 1, requestId: 'r-1' });
    });
    app.use(requireScope(parseApiKeys(key.line).keys, 'predict'));
    app.post('/predict/:model', (context) => context.json({}));
    app.onError((error, context) => {
      log.error({ message: 'A request failed', error });
      return context.json({}, 401);
    });
    for (const sent of [key.key, `${key.key}-wrong`]) {
      const body = JSON.stringify({ row: { name: 'Jane' } });
      await app.request(`/predict/shop?token=${key.key}`, { method: 'POST', headers: { 'x-api-key': sent }, body });
    }
    expect(texts).toHaveLength(3);
    expect(texts.join('')).not.toMatch(/cleaver_|token|Jane/);
  });
});

describe('an event', () => {
  test('has a word for machines, a sentence for people, and the model', () => {
    const { log, lines } = openLog();
    log.event({ action: 'model-loaded', message: 'shop v3 answers requests', model: 'shop', version: 'v3' });
    log.event({ action: 'draining', message: 'No more requests are taken', level: 'debug' });
    expect(lines()).toMatchObject([
      {
        'log.level': 'info',
        'event.action': 'model-loaded',
        'labels.model': 'shop',
        message: 'shop v3 answers requests',
      },
    ]);
    expect(lines()).toHaveLength(1);
  });
});

describe('an error', () => {
  test('that is a bug has its stack', () => {
    const { log, lines } = openLog();
    log.error({ message: 'The request failed', error: new TypeError('x is not a function'), requestId: 'r-1' });
    expect(lines()).toMatchObject([
      {
        'log.level': 'error',
        'error.type': 'TypeError',
        'error.message': 'x is not a function',
        'error.stack_trace': expect.stringContaining('request-log.test.ts') as string,
        'trace.id': 'r-1',
        message: 'The request failed',
      },
    ]);
  });

  test('that its reader can mend has its code and hint instead', () => {
    const { log, lines } = openLog();
    const error = new CleaverError('MODEL_FILE_INVALID', 'It does not load.', { hint: 'Train anew.' });
    log.error({ message: 'shop v4 does not load', error, model: 'shop', version: 'v4' });
    expect(lines()).toMatchObject([
      {
        'error.code': 'MODEL_FILE_INVALID',
        'error.type': 'CleaverError',
        'error.message': 'It does not load. Train anew.',
        'labels.version': 'v4',
      },
    ]);
    expect(lines()[0]).not.toHaveProperty(['error.stack_trace']);
  });

  test('that is no Error is told all the same', () => {
    const { log, lines } = openLog();
    log.error({ message: 'It fails', error: 'in words' });
    expect(lines()).toMatchObject([{ 'error.type': 'string', 'error.message': 'in words' }]);
  });

  test('is one of at most a hundred in a second; closing tells of the others', async () => {
    const { log, lines, closed } = openLog();
    for (let count = 0; count < 150; count += 1) log.error({ message: 'It fails', error: new Error('again') });
    const busy = new CleaverError('BUSY', 'It is busy.', { hint: 'Wait.' });
    log.error({ message: 'It fails', error: busy });
    await log.close();
    expect(lines()).toHaveLength(101);
    expect(lines().at(-1)).toMatchObject({ 'cleaver.not_logged': { INTERNAL: 50, BUSY: 1 } });
    expect(closed()).toBe(1);
  });
});

test('the state is the writer’s, and the settings’ own log is opened on stderr', async () => {
  expect(openLog().log.state.dropped).toBe(3);
  const log = requestLog({ ...readSettings({}).log, level: 'silent' });
  log.request({ ...good, status: 500 });
  expect(log.state).toEqual({ dropped: 0, waitingBytes: 0, problem: undefined });
  await log.close();
});
