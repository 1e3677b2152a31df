import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { homeAt } from '../../pipelines/adapters/home.ts';
import { withPipelineLog } from '../../pipelines/adapters/pipeline-log.ts';
import { recordRun } from '../../pipelines/adapters/run-store.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { requestLog } from '../../service/log/request-log.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { FIELDS, parentsOf } from './fields.ts';
import { logFiles } from './files.ts';
import { savedObjects } from './saved-objects.ts';

const files = logFiles();

function namesIn(lines: readonly string[]): string[] {
  return [...new Set(lines.flatMap((line) => Object.keys(JSON.parse(line) as object)))];
}

describe('the mapping', () => {
  test('has every field that the service writes', async () => {
    const lines: string[] = [];
    const writer = {
      write: (line: string) => void lines.push(line),
      close: () => Promise.resolve(),
      state: { dropped: 0, waitingBytes: 0, problem: undefined },
    };
    const log = requestLog({ level: 'debug', requestShare: 1 }, { writer });
    const about = { requestId: 'r-1', route: '/predict/:model', model: 'shop', version: 'v3' };
    log.request({ ...about, method: 'POST', status: 503, durationMs: 1, code: 'OVERLOADED' });
    log.event({ ...about, action: 'model-loaded', message: 'it answers' });
    log.error({ ...about, message: 'it fails', error: new Error('a bug') });
    await log.close();
    expect(lines).toHaveLength(3);
    expect(namesIn(lines).filter((name) => !(name in FIELDS))).toEqual([]);
  });

  test('has every field that the pipeline writes, and none that nobody does', async () => {
    const home = homeAt(await temporaryFolder());
    const model = { name: 'shop', manifest: { entity: 'customer' } };
    vi.stubEnv('GITHUB_RUN_ID', '7');
    const command = { home, verb: 'train', model, tell: () => undefined };
    const failing = withPipelineLog(command, async () => {
      await recordRun(home, { step: 'etl', model: 'shop', asOf: '2026-01-02', inputs: {} }, () =>
        Promise.resolve({ outcome: 'done', outputs: {}, result: {} }),
      );
      throw new CleaverError('BUSY', 'It is busy.', { hint: 'Wait.' });
    });
    await expect(failing).rejects.toThrow('busy');
    vi.unstubAllEnvs();
    const lines = (await readFile(path.join(home.logs, 'pipeline.log'), 'utf8')).trimEnd().split('\n');
    expect(namesIn(lines).filter((name) => !(name in FIELDS))).toEqual([]);
    const ofService = [
      'error.stack_trace',
      'http.request.method',
      'http.response.status_code',
      'labels.version',
      'url.path',
    ];
    const left = Object.keys(FIELDS).filter((name) => !namesIn(lines).includes(name));
    expect(left.sort()).toEqual(ofService);
  });

  test('knows which names hold others, none of which is a field', () => {
    expect(parentsOf(['a.b.c', 'a.d', 'e'])).toEqual(['a', 'a.b']);
    expect(parentsOf(Object.keys(FIELDS)).filter((name) => name in FIELDS)).toEqual([]);
  });
});

describe('the generated files', () => {
  test('are the same when they are made again', () => {
    expect(logFiles()).toEqual(files);
  });

  test('of both stores differ in nothing but the retention', () => {
    const of = (store: string, file: string) => JSON.parse(files[`logs/${store}/${file}.json`] ?? '') as object;
    expect(of('elasticsearch', 'ingest-pipeline')).toEqual(of('opensearch', 'ingest-pipeline'));
    const template = of('opensearch', 'index-template') as { template: { settings: object } };
    expect(template).toMatchObject({
      template: { settings: { 'index.number_of_replicas': 0 }, mappings: { dynamic: false } },
    });
    const settings = { ...template.template.settings, 'index.lifecycle.name': 'cleaver-logs' };
    expect(of('elasticsearch', 'index-template')).toEqual({
      ...template,
      template: { ...template.template, settings },
    });
  });

  test('of Fluent Bit choose the output by one value, wait on the disk and never give up', () => {
    const values = parse(files['logs/fluent-bit-values.yaml'] ?? '') as {
      logStore: string;
      config: Record<string, string>;
    };
    expect(values.logStore).toBe('opensearch');
    expect(values.config['outputs']).toMatch(
      /Name \{\{ eq \.Values\.logStore "elasticsearch" \| ternary "es" "opensearch" \}\}/,
    );
    for (const option of [
      'Suppress_Type_Name On',
      'Retry_Limit no_limits',
      'Replace_Dots Off',
      'Write_Operation create',
    ]) {
      expect(values.config['outputs']).toContain(option);
    }
    expect(values.config['inputs']?.match(/storage\.type filesystem/g)).toHaveLength(2);
  });

  test('of the dashboards refer only to what comes before', () => {
    const lines = (files['logs/dashboard.ndjson'] ?? '').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(savedObjects());
    const known = new Set<string>();
    for (const { id, type, references } of savedObjects()) {
      for (const reference of references) expect(known).toContain(`${reference.type} ${reference.id}`);
      known.add(`${type} ${id}`);
    }
    expect(known.size).toBe(savedObjects().length);
  });

  test('of each panel and search say what they are', () => {
    for (const { id, type, attributes } of savedObjects().filter((object) => object.type !== 'index-pattern')) {
      expect({ id, type, title: attributes['title'], description: attributes['description'] }).toEqual({
        id,
        type,
        title: expect.stringMatching(/.{5}/) as string,
        description: expect.stringMatching(/.{20}/) as string,
      });
    }
  });
});
