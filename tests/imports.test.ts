import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/temporary-folder.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** Runs the import check on a tree of its own; answers what it prints. */
async function checkImports(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  for (const file of ['.dependency-cruiser.js', 'tsconfig.json', 'package.json'])
    await cp(path.join(ROOT, file), path.join(folder, file));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const command = path.join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const run = promisify(execFile)(
    process.execPath,
    [command, '--output-type', 'err', '--config', '.dependency-cruiser.js', 'pipelines'],
    { cwd: folder },
  );
  return await run.then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  );
}

test('an import against the direction is found, in TypeScript as it stands', async () => {
  const files = {
    'pipelines/core/gate.ts': `import { readFile } from 'node:fs/promises';\nexport const read = readFile;\n`,
    'pipelines/adapters/registry.ts': `import type { Step } from '../steps/train.ts';\nexport type A = Step;\n`,
    'pipelines/steps/train.ts': `export type Step = string;\n`,
  };
  const printed = await checkImports(files);
  expect(printed).toContain('core-is-pure: pipelines/core/gate.ts');
  expect(printed).toContain('adapters-know-no-steps: pipelines/adapters/registry.ts');
});

test('the check reads the modules of this repository', async () => {
  const command = path.join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [command, '--output-type', 'json', '--config', '.dependency-cruiser.js', 'pipelines'],
    {
      cwd: ROOT,
      maxBuffer: 1e9,
    },
  );
  const { modules } = JSON.parse(stdout) as { modules: { source: string; dependencies: unknown[] }[] };
  const etl = modules.find(({ source }) => source === 'pipelines/steps/etl.ts');
  expect(etl?.dependencies.length).toBeGreaterThan(5);
});
