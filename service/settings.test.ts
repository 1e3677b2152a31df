import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CleaverError } from '../pipelines/core/errors.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { makeApiKey } from './access/api-keys.ts';
import { metaOf, variables } from './settings-variables.ts';
import { describeSettings, readSettings } from './settings.ts';

const NAMES = Object.keys(variables.shape) as (keyof typeof variables.shape)[];

/** The lines of the error that an environment is refused with, without the first. */
function problemsOf(environment: Record<string, string>): string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof CleaverError && error.code === 'OPTION_INVALID') {
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    }
    throw error;
  }
  return [];
}

describe('the settings', () => {
  test('have a default for everything', () => {
    expect(readSettings({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      metricsPort: undefined,
      workers: 1,
      limits: {
        bodyBytes: 16 * 1024 * 1024,
        rows: 100_000,
        waitingRows: 4096,
        requestMs: 10_000,
        lingerMs: 0,
        drainMs: 10_000,
        largeRows: 512,
        largeBodyBytes: 128 * 1024,
        loopDelayMs: 250,
        connections: 4096,
      },
      apiKeys: undefined,
      corsOrigins: [],
      exemplars: false,
      log: { level: 'info', requestShare: 0.01 },
      record: {
        fsync: 'interval',
        features: 'hash',
        flushMs: 100,
        fsyncMs: 1000,
        maxFileBytes: 64 * 1024 * 1024,
        maxFileSeconds: 300,
        maxWaitingBytes: 16 * 1024 * 1024,
      },
      serve: { challenger: false, shadowShare: 0, canaryShare: 0 },
    });
  });

  test('are read from the environment of the process when no other is given', () => {
    expect(readSettings().host).toBe(process.env['HOST'] ?? '127.0.0.1');
  });

  test('take what the environment says', () => {
    const settings = readSettings({
      HOST: '0.0.0.0',
      PORT: '0',
      CLEAVER_METRICS_PORT: '0',
      CLEAVER_WORKERS: '4',
      CLEAVER_MAX_BODY_MB: '1',
      CLEAVER_CORS_ORIGINS: 'https://shop.example, http://localhost:3000',
      CLEAVER_LOG_LEVEL: 'silent',
      CLEAVER_LOG_REQUESTS: '.5',
      CLEAVER_METRICS_EXEMPLARS: 'on',
      CLEAVER_RECORD: 'off',
      CLEAVER_SERVE: 'champion,challenger',
      CLEAVER_SHADOW: '1',
      CLEAVER_CANARY: '0.05',
      CLEAVER_LINGER_MS: '15000',
    });
    expect(settings).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      metricsPort: 0,
      workers: 4,
      limits: { bodyBytes: 1024 * 1024, lingerMs: 15_000 },
      exemplars: true,
      corsOrigins: ['https://shop.example', 'http://localhost:3000'],
      log: { level: 'silent', requestShare: 0.5 },
      record: undefined,
      serve: { challenger: true, shadowShare: 1, canaryShare: 0.05 },
    });
  });

  test('take one that is set to nothing as not set', () => {
    const nothing = Object.fromEntries(NAMES.map((name) => [name, '']));
    expect(readSettings(nothing)).toEqual(readSettings({}));
  });

  test('say every problem at once: the name, what it must be, what it is', () => {
    const environment = {
      PORT: '65536',
      HOST: 'here and there',
      CLEAVER_WORKERS: '1e3',
      CLEAVER_RECORD: 'sometimes',
      CLEAVER_CORS_ORIGINS: '*',
      CLEAVER_SHADOW: '0.1',
      CLEAVER_CANARY: '0.1',
      CLEAVER_LOG_REQUESTS: '2',
      CLEAVER_LOG_LEVL: 'debug',
    };
    expect(problemsOf(environment)).toEqual([
      'HOST must be an address of this machine; it is "here and there".',
      'PORT must be a whole number from 0 to 65535; it is "65536".',
      'CLEAVER_WORKERS must be a whole number from 1 to 256; it is "1e3".',
      'CLEAVER_RECORD must be off or never or interval or always; it is "sometimes".',
      'CLEAVER_CORS_ORIGINS must be exact origins with commas between them, such as https://shop.example; never *; it is "*".',
      'CLEAVER_LOG_REQUESTS must be a number from 0 to 1; it is "2".',
      'CLEAVER_SHADOW needs CLEAVER_SERVE=champion,challenger.',
      'CLEAVER_CANARY needs CLEAVER_SERVE=champion,challenger.',
      'CLEAVER_LOG_LEVL is not a setting; CLEAVER_LOG_LEVEL is.',
    ]);
    expect(() => readSettings(environment)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', hint: expect.stringContaining('serving.md') as string }),
    );
  });

  test.each([
    'https://shop.example/',
    'https://shop.example/a',
    'shop.example',
    'null',
    'ftp://shop.example',
    'https://',
  ])('%s is not an origin', (origin) => {
    expect(problemsOf({ CLEAVER_CORS_ORIGINS: `https://good.example,${origin}` })).toHaveLength(1);
  });

  test.each(['-1', '1.5', '0x10', ' 5', '5 ', '9'.repeat(400), 'Infinity', 'NaN'])(
    '%j is not a number of rows',
    (text) => {
      expect(problemsOf({ CLEAVER_MAX_ROWS: text })).toHaveLength(1);
    },
  );

  test('have the metrics on a port of their own', () => {
    const both = 'CLEAVER_METRICS_PORT must be another port than PORT; both are 8080.';
    expect(problemsOf({ CLEAVER_METRICS_PORT: '8080' })).toEqual([both]);
    expect(problemsOf({ CLEAVER_METRICS_PORT: '08080', PORT: '9090' })).toEqual([]);
    expect(problemsOf({ CLEAVER_METRICS_PORT: '0', PORT: '0' })).toEqual([]);
    // As Kubernetes sets it where there is a Service of the name `cleaver-metrics`.
    expect(problemsOf({ CLEAVER_METRICS_PORT: 'tcp://10.0.0.1:9090' })).toEqual([
      'CLEAVER_METRICS_PORT must be a whole number from 0 to 65535; it is "tcp://10.0.0.1:9090".',
    ]);
  });

  test.each(['-0.1', '1.1', '1e-3', '0,5', '.', '50%'])('%j is not a share', (text) => {
    expect(problemsOf({ CLEAVER_LOG_REQUESTS: text })).toHaveLength(1);
  });
});

describe('a file of API keys', () => {
  const shop = makeApiKey('shop', ['predict']);

  async function fileWith(text: string): Promise<string> {
    const file = path.join(await temporaryFolder(), 'keys');
    await writeFile(file, text);
    return file;
  }

  test('is read, and told without what is secret in it', async () => {
    const settings = readSettings({ CLEAVER_API_KEYS_FILE: await fileWith(`# ours\n${shop.line}\n`) });
    expect(settings.apiKeys).toMatchObject([{ name: 'shop', scopes: ['predict'] }]);
    const told = describeSettings(settings);
    expect(told['apiKeys']).toEqual([{ name: 'shop', scopes: ['predict'] }]);
    const hash = shop.line.split(' ')[2] ?? 'none';
    expect(JSON.stringify(told)).not.toContain(hash);
  });

  test('that is not right is refused by its lines, none of which is shown', async () => {
    const file = await fileWith(`${shop.line}\nshop-2 predict ${shop.key}\n`);
    const problems = problemsOf({ CLEAVER_API_KEYS_FILE: file, PORT: 'x' });
    expect(problems).toEqual([
      'PORT must be a whole number from 0 to 65535; it is "x".',
      'CLEAVER_API_KEYS_FILE must name a file of API keys; line 2 has no SHA-256 in hex at its end.',
    ]);
  });

  test('that is not there is refused without its name, which may be a key put in the wrong place', () => {
    expect(problemsOf({ CLEAVER_API_KEYS_FILE: shop.key })).toEqual([
      'CLEAVER_API_KEYS_FILE must name a file of API keys; there is none of that name.',
    ]);
  });

  test('that is a folder is refused', async () => {
    expect(problemsOf({ CLEAVER_API_KEYS_FILE: await temporaryFolder() })).toEqual([
      'CLEAVER_API_KEYS_FILE must name a file of API keys; it cannot be read.',
    ]);
  });
});

describe('the settings for people', () => {
  test('have everything, and words for what is off', () => {
    const told = describeSettings(readSettings({ CLEAVER_RECORD: 'off' }));
    expect(told).toMatchObject({ port: 8080, record: 'off', apiKeys: 'none is asked for', limits: { rows: 100_000 } });
    expect(describeSettings(readSettings({}))['record']).toMatchObject({ fsync: 'interval' });
  });
});

describe('docs/serving.md', () => {
  test('has a row for each variable, with its default and what it must be', async () => {
    const page = await readFile(path.join(import.meta.dirname, '..', 'docs', 'serving.md'), 'utf8');
    const rows = page
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .filter(([name = '']) => /^`(HOST|PORT|CLEAVER_\w+)`$/.test(name));
    const wanted = NAMES.map((name) => {
      const { about, must, fallback } = metaOf(name);
      return [`\`${name}\``, about, must.replace(/^(be|name) /, ''), fallback === '' ? '' : `\`${fallback}\``];
    });
    expect(rows).toEqual(wanted);
  });
});
