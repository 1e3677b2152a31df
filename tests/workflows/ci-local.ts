import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ACT_IGNORES, hasAct, runAct } from './act.ts';

/** `npm run ci:local [-- WORKFLOW [EVENT]]`: a workflow file as it stands, on this machine, on the files as they stand. */
const { positionals } = parseArgs({ allowPositionals: true });
const [workflow = 'ci', event = workflow === 'ci' ? 'push' : 'workflow_dispatch'] = positionals;

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** Where the commits to be judged begin: where the branch left the server's, else the last commit. */
function startOfPush(): string {
  for (const args of [
    ['merge-base', 'HEAD', '@{upstream}'],
    ['merge-base', 'HEAD', 'origin/HEAD'],
    ['rev-parse', 'HEAD~1'],
  ]) {
    try {
      return git(...args);
    } catch {
      // No such branch, no such commit: the next way.
    }
  }
  return '0'.repeat(40);
}

if (!hasAct()) {
  console.error('act is not on the PATH. Install it (https://nektosact.com) and run this again.');
  process.exit(2);
}
console.error(`${workflow}.yml on the event ${event}, by act in host mode. Otherwise than on GitHub it ignores:`);
for (const ignored of ACT_IGNORES) console.error(`  - ${ignored}`);
const folder = mkdtempSync(path.join(tmpdir(), 'cleaver-local-'));
const payload = path.join(folder, 'event.json');
const repository = { default_branch: 'main' };
writeFileSync(payload, JSON.stringify({ repository, before: startOfPush(), after: git('rev-parse', 'HEAD') }));
const run = await runAct({
  folder: process.cwd(),
  cacheFolder: path.join(folder, 'act'),
  ...{ event, payload, workflow: `${workflow}.yml` },
  env: { CLEAVER_HOME: path.resolve(process.env['CLEAVER_HOME'] ?? '.cleaver') },
  onLine: (job, text) => {
    console.error(`${job} | ${text}`);
  },
});
rmSync(folder, { recursive: true, force: true });
const jobs = Object.entries(run.jobs);
if (jobs.length === 0) console.error(run.log);
for (const [name, { result, failedSteps }] of jobs) {
  console.log(`${name}: ${result}${failedSteps.length > 0 ? ` (${failedSteps.join(', ')})` : ''}`);
}
process.exit(run.status ?? 1);
