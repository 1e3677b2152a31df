import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleReport } from '../tests/support/sample-report.ts';
import { openReportFiles } from './report-files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'cleaver-reports-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('report files', () => {
  test('are read as they are now', async () => {
    const reports = openReportFiles(folder);
    expect(await reports.read('shop')).toBeUndefined();
    await writeFile(path.join(folder, 'shop.json'), JSON.stringify(sampleReport()));
    expect(await reports.read('shop')).toEqual(sampleReport());
    await writeFile(path.join(folder, 'shop.json'), JSON.stringify(sampleReport({ champion: 'v9' })));
    expect(await reports.read('shop')).toMatchObject({ champion: 'v9' });
    expect(await reports.names()).toEqual(['shop']);
  });

  test('are none in a folder that is not there', async () => {
    expect(await openReportFiles(path.join(folder, 'none')).names()).toEqual([]);
  });

  test('are not taken for none in a folder that cannot be read', async () => {
    const round = path.join(folder, 'round');
    await symlink(round, round);
    await expect(openReportFiles(round).names()).rejects.toMatchObject({ code: 'ELOOP', path: round });
  });

  test.each(['../secret', '..', '.', '', 'a/b', '/etc/passwd', 'shop.json/..', 'a\0b'])(
    'are not looked for outside their folder: %j',
    async (name) => {
      await writeFile(path.join(folder, 'secret.json'), JSON.stringify(sampleReport()));
      expect(await openReportFiles(path.join(folder, 'reports')).read(name)).toBeUndefined();
    },
  );

  test.each([
    ['no JSON', '{'],
    ['another shape', '{"model": "shop"}'],
  ])('that hold %s are named, with what to do', async (_, content) => {
    await writeFile(path.join(folder, 'shop.json'), content);
    await expect(openReportFiles(folder).read('shop')).rejects.toMatchObject({
      code: 'REPORT_INVALID',
      message: expect.stringContaining('shop.json') as string,
      hint: expect.stringContaining('npx cleaver report --model shop') as string,
    });
  });

  test('hold null for a figure that could not be had', async () => {
    const report = sampleReport();
    const text = JSON.stringify({ ...report, experiment: { ...report.experiment, low: null } });
    await writeFile(path.join(folder, 'shop.json'), text);
    expect((await openReportFiles(folder).read('shop'))?.experiment?.low).toBeNaN();
  });
});
