import { createRequire } from 'node:module';
import { openLinter } from './lint-messages.ts';

// The program behind `npm run commit`: commitizen's questions. They wait for ever where nobody can answer.
if (process.stdin.isTTY) {
  createRequire(import.meta.url)('commitizen/bin/git-cz.js');
} else {
  const { types, scopes } = (await openLinter(process.cwd())).rules;
  process.stderr.write(
    `npm run commit asks in a terminal, and there is none. Without it: git commit -m "type(scope): subject"\n` +
      `  types:  ${types.join(', ')}\n  scopes: ${scopes.join(', ')} (may be left out)\n`,
  );
  process.exitCode = 1;
}
