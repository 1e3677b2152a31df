import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { folderContent } from './support/folder-content.ts';
import { livingModel } from './support/living-model.ts';
import { runCli } from './support/run-cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const PAGE = path.join(import.meta.dirname, '..', 'docs', 'home-server.md');

/** The commands of the page that begin like this, with the folders of a test in place of yours. */
async function commandsOf(pattern: RegExp, folders: Record<string, string>): Promise<string> {
  const lines = (await readFile(PAGE, 'utf8')).split('\n').filter((line) => pattern.test(line));
  const named = lines.map((line) =>
    Object.entries(folders).reduce((text, [name, folder]) => text.replaceAll(name, folder), line),
  );
  return named.join('\n');
}

test('the state that is saved and restored as the page says is the same by hash, and answers the same', async () => {
  const living = await livingModel();
  await living.turn();
  const [backup, restored] = [await temporaryFolder(), path.join(await temporaryFolder(), 'state')];
  const saving = await commandsOf(/^(cd \/var\/lib\/cleaver|find registry|tar czf)/, {
    '/var/lib/cleaver': living.home.root,
    BACKUP: backup,
  });
  expect(saving.split('\n')).toHaveLength(3);
  execFileSync('bash', ['-euo', 'pipefail', '-c', saving]);
  await mkdir(restored);
  const restoring = await commandsOf(/^tar xzf/, { BACKUP: backup });
  expect(execFileSync('bash', ['-euo', 'pipefail', '-c', restoring], { cwd: restored, encoding: 'utf8' })).toBe(
    'equal\n',
  );
  for (const folder of ['registry', 'runs', 'reports', 'deliveries']) {
    expect(await folderContent(path.join(restored, folder))).toEqual(
      await folderContent(path.join(living.home.root, folder)),
    );
  }
  const models = async (home: string) =>
    (await runCli(living.root, ['models', '--json'], { CLEAVER_HOME: home })).stdout;
  expect(await models(restored)).toBe(await models(living.home.root));
  expect(await models(restored)).toContain('"champion"');
});
