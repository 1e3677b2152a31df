import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');

it('npm run commit does not wait where there is no terminal', async () => {
  const child = spawn(process.execPath, ['actions/commit-lint/prompt.ts'], { cwd: ROOT, stdio: 'pipe' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  // Its input stays open: it must end by itself.
  const told = await text(child.stderr);
  expect(await ended).toBe(1);
  expect(told).toContain('git commit -m "type(scope): subject"');
  expect(told).toMatch(/scopes: .*core/);
});
