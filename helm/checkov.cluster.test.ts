import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPython } from '../pipelines/adapters/python-environment.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { LOCK } from './checkov/install.ts';
import { noHelm, renderText } from './testing/rendered-chart.ts';

/** What checkov finds and we leave, and why. */
const LEFT = {
  CKV_K8S_11: 'No limit of the processor: it would hold requests up while the processor is idle. Values may set one.',
  CKV_K8S_35: 'Manifests and the GitHub client read environment variables; a file would be read into one at once.',
  CKV_K8S_40:
    'The user of the base image, which is also the one that the state folder of a machine has; see `user.id`.',
  CKV_K8S_8: 'The pod of `helm test` runs once and ends; there is nothing to be kept alive.',
  CKV_K8S_9: 'Nobody sends it requests.',
};
const EVERYWHERE = ['CKV_K8S_11', 'CKV_K8S_35', 'CKV_K8S_40'];

const python = await findPython(LOCK);
const noCheckov = python === undefined ? '`node helm/checkov/install.ts` was not run' : undefined;
const reason = process.env['CI'] ? undefined : (noHelm ?? noCheckov);

describe.skipIf(reason)(`checkov${reason === undefined ? '' : ` (${reason})`}`, () => {
  test('finds nothing but what is left with a reason', async () => {
    const { passed, failed } = await checkov(renderText('ci/everything-values.yaml'));
    expect(passed).toBeGreaterThan(200);
    expect(failed).toEqual({
      'Deployment.cleaver-chart.shop-scores': EVERYWHERE,
      'CronJob.cleaver-chart.shop-scores-watch': EVERYWHERE,
      'Pod.cleaver-chart.shop-scores-test': [...EVERYWHERE, 'CKV_K8S_8', 'CKV_K8S_9'],
    });
    expect(Object.keys(LEFT).toSorted()).toEqual([...new Set(Object.values(failed).flat())].toSorted());
  });

  test('finds a pod that may do more', async () => {
    const more = renderText('ci/everything-values.yaml').replaceAll('readOnlyRootFilesystem: true', '');
    expect((await checkov(more)).failed['Deployment.cleaver-chart.shop-scores']).toContain('CKV_K8S_22');
  });
});

interface Report {
  summary: { passed: number };
  results: { failed_checks: { check_id: string; resource: string }[] };
}

/** What failed, by resource. */
async function checkov(manifests: string): Promise<{ passed: number; failed: Record<string, string[]> }> {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'chart.yaml'), manifests);
  const args = ['--framework', 'kubernetes', '--output', 'json', '--skip-download', '--quiet', '--directory', folder];
  const { stdout, stderr } = spawnSync(python ?? 'python3', ['-m', 'checkov.main', ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (!stdout.startsWith('{')) throw new Error(`checkov answers nothing: ${stderr}`);
  const { summary, results } = JSON.parse(stdout) as Report;
  const byResource = Object.groupBy(results.failed_checks, ({ resource }) => resource);
  return {
    passed: summary.passed,
    failed: Object.fromEntries(
      Object.entries(byResource).map(([resource, found = []]) => [
        resource,
        found.map(({ check_id: id }) => id).toSorted(),
      ]),
    ),
  };
}
