import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ExceptionTestOptions } from '../options.ts';
import { hashOf } from './sources.ts';

const PROGRAM = path.join(import.meta.dirname, '..');

/** What else decides what a run finds out: the options, and this program. */
export function versionOf({ options }: { options: ExceptionTestOptions }): string {
  const files = globSync('**/*.{ts,js,mjs}', {
    cwd: PROGRAM,
    exclude: ['fixtures/**', 'node_modules/**', '**/*.test.ts'],
  }).sort();
  return hashOf(
    [JSON.stringify(options), ...files.map((file) => readFileSync(path.join(PROGRAM, file), 'utf8'))].join('\n'),
  );
}
