import { readdir } from 'node:fs/promises';
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
