import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ecsLogger } from '../../pipelines/adapters/ecs-log.ts';
import { appendRotated } from '../../pipelines/adapters/rotated-file.ts';
import { livingModel } from '../../tests/support/living-model.ts';
import { CLI, runCli } from '../../tests/support/run-cli.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { noOpenSearch, noProgram, OPENSEARCH_URL } from '../component.ts';
import { LOGS, REJECTED } from './index-template.ts';
import { installLogs } from './install.ts';
import { outageInFrontOf } from './outage.ts';
import { startRsyslog } from './rsyslogd.ts';
import { deleteLines, linesOf, searchStore } from './sent-lines.ts';

const missing = noProgram('rsyslogd') || (await noOpenSearch());
const LINES = 50_000;
const OUTAGE_MS = 30_000;

async function rsyslogIn(folder: string, files: readonly string[], server = OPENSEARCH_URL) {
  const running = await startRsyslog(folder, server, files);
  onTestFinished(() => running.stop());
  return running;
}

/** Waits until a query finds a line; answers it, and after how many milliseconds. */
async function untilFound(index: string, query: string, timeoutMs = 20_000) {
  const started = performance.now();
  for (;;) {
    const lines = await linesOf(index, query);
    const ms = performance.now() - started;
    if (lines.length > 0 || ms > timeoutMs) return { lines, ms };
    await delay(100);
  }
}

/** A list in a list in a list, deeper than the store takes. */
function nested(depth: number): unknown[] {
  return depth === 0 ? [] : [nested(depth - 1)];
}

/** The service as systemd runs it, its stderr appended to a file. */
async function startService(root: string, file: string): Promise<string> {
  const env = { ...process.env, CLEAVER_HOME: path.join(root, 'state'), CLEAVER_MODELS: path.join(root, 'models') };
  const stderr = openSync(file, 'a');
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0'], { env, stdio: ['ignore', 'ignore', stderr] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const address = () => /Serving at (http:\/\/[^ ]+)/.exec(readFileSync(file, 'utf8'))?.[1];
  await expect.poll(address, { timeout: 30_000 }).toBeDefined();
  return address() ?? '';
}

describe.skipIf(missing)(`logs through rsyslog into OpenSearch${missing ? ` (left out: ${missing})` : ''}`, () => {
  beforeAll(() => installLogs({ storeUrl: OPENSEARCH_URL, tell: () => undefined }));

  test('a request’s line and a pipeline run’s are found by their ids within 5 s, without anything of a person', async () => {
    // The same work has the same run id, also that of a former test.
    const since = `@timestamp:["${new Date().toISOString()}" TO *]`;
    const living = await livingModel();
    const serviceLog = path.join(living.root, 'service.log');
    const rsyslog = await rsyslogIn(living.root, [path.join(living.home.logs, 'pipeline.log'), serviceLog]);
    await living.writeFolder();
    const url = await startService(living.root, serviceLog);

    const secrets = ['jane.doe@example.org', 'hunter2', 'M-4711'];
    const [mail, password, id] = secrets;
    const body = JSON.stringify({ row: { name: mail, customer: id } });
    const headers = { 'x-api-key': `cleaver_${password}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/predict/living?token=${password}`, { method: 'POST', body, headers });
    const requestId = response.headers.get('x-request-id') ?? 'none';
    const request = await untilFound(LOGS, `trace.id:"${requestId}"`);
    expect(request.lines).toMatchObject([
      { 'http.response.status_code': response.status, 'url.path': '/predict/:model', 'error.code': 'MODEL_UNKNOWN' },
    ]);

    expect(await runCli(living.root, ['etl'])).toMatchObject({ status: 0 });
    const { json } = await runCli(living.root, ['runs', '--json']);
    const [run] = json['runs'] as { id: string }[];
    const found = await untilFound(LOGS, `labels.run_id:"${run?.id}" AND ${since}`);
    expect(found.lines).toMatchObject([
      { 'labels.step': 'etl', 'labels.model': 'living', 'event.outcome': 'success', 'cleaver.outcome': 'done' },
    ]);

    await living.writeFolder({ martSql: `SELECT 'customer ${id} ${mail}'::INTEGER AS customer, 1 AS x0, 1 AS x1` });
    expect(await runCli(living.root, ['etl', '--as-of', '2025-01-12'])).toMatchObject({ status: 2 });
    await living.writeFolder({
      manifest: {
        source: { url: `postgres://${id}:${password}@127.0.0.1:1/shop`, tables: { visits: { time: 'seen_at' } } },
      },
    });
    expect(await runCli(living.root, ['etl'])).toMatchObject({ status: 2 });
    const failed = await untilFound(LOGS, `error.code:SOURCE_UNREACHABLE AND ${since}`);
    expect(failed.lines).toMatchObject([{ 'event.action': 'command-failed', 'labels.step': 'etl' }]);
    expect(await linesOf(LOGS, `error.code:MART_SQL_FAILED AND ${since}`)).toHaveLength(1);

    const all = await Promise.all([LOGS, REJECTED].map((index) => linesOf(index, since)));
    const text = JSON.stringify(all);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(Math.max(request.ms, found.ms, failed.ms)).toBeLessThan(5000);
    expect(rsyslog.messages()).not.toMatch(/error/i);
  });

  test('50,000 lines: none is lost, none there twice, while the store is down for 30 s and the file is set aside', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'logs', 'pipeline.log');
    mkdirSync(path.dirname(file));
    const store = await outageInFrontOf(OPENSEARCH_URL);
    onTestFinished(() => store.close());
    await rsyslogIn(folder, [file], store.url);
    const id = randomUUID();
    onTestFinished(() => deleteLines(LOGS, `trace.id:"${id}"`));
    const append = (line: string) => {
      appendRotated(file, line);
    };
    const logger = ecsLogger('info', { write: append });
    const write = (from: number, to: number) => {
      for (let index = from; index < to; index += 1) logger.info({ 'trace.id': id, 'event.duration': index }, 'a line');
    };
    const count = async () =>
      (await searchStore(LOGS, { query: { term: { 'trace.id': id } }, size: 0, track_total_hits: true })).hits.total
        .value;

    write(0, 10_000);
    await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(0);
    await store.begin();
    const down = performance.now();
    for (let from = 10_000; from < LINES; from += 1000) {
      write(from, from + 1000);
      await delay(500);
    }
    await delay(Math.max(0, OUTAGE_MS - (performance.now() - down)));
    const before = await count();
    expect(before).toBeLessThan(LINES);
    // What waits is on the disk, and the file was set aside meanwhile.
    expect(readdirSync(path.join(folder, 'spool'))).toContainEqual(expect.stringMatching(/^cleaver_send\.\d+$/));
    expect(readdirSync(path.dirname(file)).length).toBeGreaterThan(1);
    await store.end();
    await expect.poll(count, { timeout: 120_000, interval: 500 }).toBeGreaterThanOrEqual(LINES);
    await delay(2000);

    const seen: number[] = [];
    for (let after = -1; ; after = seen.at(-1) ?? 0) {
      const { hits } = await searchStore(LOGS, {
        query: { term: { 'trace.id': id } },
        size: 10_000,
        sort: [{ 'event.duration': 'asc' }],
        search_after: [after],
      });
      seen.push(...hits.hits.map(({ _source: line }) => Number(line['event.duration'])));
      if (hits.hits.length < 10_000) break;
    }
    expect(await count()).toBe(LINES);
    expect(seen).toEqual(Array.from({ length: LINES }, (_, index) => index));
  });

  test('a field of a wrong type does not lose its line, nor those beside it', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'service.log');
    await rsyslogIn(folder, [file]);
    const id = randomUUID();
    const line = (fields: object) =>
      `${JSON.stringify({ '@timestamp': new Date().toISOString(), 'trace.id': id, ...fields })}\n`;
    appendFileSync(
      file,
      [
        line({ message: 'good before' }),
        line({ message: 'a word for a number', 'http.response.status_code': 'often', 'event.duration': 1e40 }),
        line({ message: 'a text for an object', error: 'boom', 'log.level': { deep: 1 } }),
        line({ message: 'no time', '@timestamp': 'yesterday' }),
        `2026-11-28T02:00:00.123456789Z stderr F ${line({ message: 'from a container' })}`,
        `no JSON, but ${id}\n`,
        line({ message: 'what the store refuses', deep: nested(30) }),
        line({ message: 'a name of the store’s own', _if_seq_no: 'x', _id: 'mine' }),
        line({ message: 'good after' }),
      ].join(''),
    );
    await expect.poll(() => linesOf(LOGS, `trace.id:"${id}"`), { timeout: 20_000 }).toHaveLength(7);
    const lines = await linesOf(LOGS, `trace.id:"${id}"`);
    const malformed = Object.fromEntries(lines.map((one) => [String(one['message']), one['cleaver.malformed']]));
    expect(malformed).toEqual({
      'good before': undefined,
      'a word for a number': 'http.response.status_code=often',
      'a text for an object': expect.stringContaining('error=boom') as string,
      'no time': '@timestamp=yesterday',
      'from a container': undefined,
      'a name of the store’s own': '_if_seq_no=x',
      'good after': undefined,
    });
    await expect.poll(() => linesOf(REJECTED, `message:"${id}"`), { timeout: 20_000 }).toHaveLength(2);
    expect(await linesOf(REJECTED, `message:"${id}"`)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ message: `no JSON, but ${id}`, error_reason: 'no JSON' }),
        expect.objectContaining({ error_reason: expect.stringContaining('parsing') as string }),
      ]),
    );
  });
});
