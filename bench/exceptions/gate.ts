import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runNode } from './run-node.ts';

const GATE = path.join(import.meta.dirname, '../../actions/exception-test');
const CLI = path.join(GATE, 'cli.ts');

/** Puts the gate's plugin into the vitest configuration of a project; `declared` are the errors that may come out of it. */
export async function addPlugin(folder: string, declared: readonly string[]): Promise<void> {
  await rename(path.join(folder, 'vitest.config.ts'), path.join(folder, 'plain.config.ts'));
  const options = JSON.stringify({ faults: { declared, functions: ['src/*.ts#*'] } });
  const lines = [
    "import { mergeConfig } from 'vitest/config';",
    `import { exceptionTest } from ${JSON.stringify(path.join(GATE, 'index.ts'))};`,
    "import plain from './plain.config.ts';",
    `export default mergeConfig(plain, { plugins: [exceptionTest(${options})] });`,
  ];
  await writeFile(path.join(folder, 'vitest.config.ts'), `${lines.join('\n')}\n`);
}

/** The failures of our gate at level 3 in a project, without those that are of no file. Throws where the gate does not run. */
export async function runGate(folder: string): Promise<{ file: string; line: number; reason: string }[]> {
  if (!existsSync(CLI)) throw new Error(`There is no gate to run: ${CLI} is missing.`);
  const { status, stdout, stderr } = await runNode([CLI, '--level', '3', '--json'], folder);
  const failures = failuresIn(stdout);
  if (failures === undefined) {
    throw new Error(`The gate ended with ${status} and wrote no result:\n${(stderr || stdout).slice(-4000)}`);
  }
  return failures.filter(({ file }) => file !== '');
}

function failuresIn(output: string): { file: string; line: number; reason: string }[] | undefined {
  try {
    const { failures } = JSON.parse(output) as { failures?: { file: string; line: number; reason: string }[] };
    return failures;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
