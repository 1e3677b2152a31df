import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { alertmanagerFiles } from './alertmanager/files.ts';
import { dashboardFiles } from './dashboards/files.ts';
import { installFiles } from './install/files.ts';
import { logFiles } from './logs/files.ts';
import { prometheusFiles } from './prometheus/files.ts';
import { ruleFiles, runbookPage } from './rules/files.ts';

/** Every generated file: its path in the repository, and its text. */
export function wantedFiles(): Record<string, string> {
  const generated = {
    ...ruleFiles(),
    ...alertmanagerFiles(),
    ...dashboardFiles(),
    ...logFiles(),
    ...prometheusFiles(),
    ...installFiles(),
  };
  const files = Object.entries(generated).map(([file, text]): [string, string] => [
    `monitoring/generated/${file}`,
    text,
  ]);
  return Object.fromEntries([...files, ['docs/runbooks.md', runbookPage()]]);
}

/** Writes what is not as it should be and removes what nothing makes any more, or only looks; answers which files these are. */
export async function generate(root: string, { isCheck }: { isCheck: boolean }): Promise<string[]> {
  const wanted = wantedFiles();
  const there = await readdir(path.join(root, 'monitoring', 'generated'), { recursive: true, withFileTypes: true });
  const found = there.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  const left = found.map((file) => path.relative(root, file)).filter((file) => !(file in wanted));
  const wrong: string[] = [];
  for (const [file, text] of Object.entries(wanted)) {
    const place = path.join(root, file);
    if ((await readFile(place, 'utf8').catch(() => undefined)) === text) continue;
    wrong.push(file);
    if (isCheck) continue;
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
  }
  if (!isCheck) await Promise.all(left.map((file) => rm(path.join(root, file))));
  return [...wrong, ...left];
}

if (import.meta.main) {
  // npm runs it in the root folder of the repository.
  const isCheck = process.argv.includes('--check');
  const files = await generate(process.cwd(), { isCheck });
  const state = isCheck ? 'is not as `npm run monitoring` makes it' : 'is new';
  process.stderr.write(files.map((file) => `${file} ${state}\n`).join(''));
  if (isCheck && files.length > 0) process.exitCode = 1;
}
