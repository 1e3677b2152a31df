import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { livingModel, NOW } from '../../tests/support/living-model.ts';
import { newestDay, withContext } from './context.ts';
import { etl } from './etl.ts';

describe('the newest day', () => {
  test('is the last one that the mart has', async () => {
    const living = await livingModel({ days: 4 });
    const day = await living.run(async (context) => {
      await etl(context, { now: NOW });
      return await newestDay(context, NOW);
    });
    expect(day).toBe('2025-01-04');
  });

  test('is yesterday before there is any', async () => {
    const living = await livingModel({ days: 4 });
    expect(await living.run((context) => newestDay(context, NOW))).toBe('2025-05-31');
  });
});

describe('when the work fails', () => {
  test('its error comes out as it is, and the next one finds the lock free and the work folder swept', async () => {
    const living = await livingModel({ days: 1 });
    const error = new Error('not well');
    const options = {
      home: living.home,
      model: living.modelWith(),
      verb: 'test',
      waitMs: 0,
      onProgress: () => undefined,
    };
    const failing = withContext(options, async ({ mart, reader }) => {
      await mart.staged();
      await reader.scratchFile('spilled');
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    expect(await readdir(living.home.work)).toEqual([]);
    expect(await withContext(options, ({ mart }) => mart.staged())).toBeUndefined();
  });
});

describe('monitoring', () => {
  test('is told of work that was done, and of work that failed', async () => {
    const living = await livingModel({ days: 1 });
    await living.run(() => Promise.resolve());
    const failing = living.run(() => Promise.reject(new Error('not well')));
    await expect(failing).rejects.toThrow('not well');
    const text = await readFile(path.join(living.home.metrics, 'cleaver.prom'), 'utf8');
    for (const end of ['success', 'failure']) {
      expect(text).toContain(`cleaver_step_last_${end}_timestamp_seconds{model="living",step="test"}`);
    }
  });

  test('that cannot be told changes nothing of how the work ended; who waits reads why', async () => {
    const living = await livingModel({ days: 1 });
    await mkdir(living.home.root, { recursive: true });
    await writeFile(living.home.metrics, 'a file');
    const told: string[] = [];
    const options = {
      ...{ home: living.home, model: living.modelWith(), verb: 'test' },
      onProgress: (text: string) => void told.push(text),
    };
    expect(await withContext(options, () => Promise.resolve('done'))).toBe('done');
    await expect(withContext(options, () => Promise.reject(new Error('not well')))).rejects.toThrow('not well');
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^Monitoring is not told of this test: /);
  });
});
