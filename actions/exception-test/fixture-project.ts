import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExceptionTestOptions } from './options.ts';
import type { JsonReport } from './report/json.ts';
import type { ExceptionResult } from './result.ts';
import type { Settings } from './run/run-settings.ts';

const FIXTURES = path.join(import.meta.dirname, 'fixtures');
const MODULES = path.join(import.meta.dirname, '..', '..', 'node_modules');
const PLUGIN = path.join(import.meta.dirname, 'index.ts');
const CLI = path.join(import.meta.dirname, 'cli.ts');
const TEST = pathToFileURL(path.join(import.meta.dirname, 'test-exceptions.ts')).href;

/** What the command did. */
export interface Commanded {
  status: number | null;
  stderr: string;
  /** All of stdout, which `--json` promises to be one object. */
  json: JsonReport & { code?: string; message?: string; hint?: string };
}

/** A fixture's copy in a folder of its own, for tests. */
export interface FixtureProject {
  root: string;
  write: (file: string, text: string) => void;
  /** Runs `cli.ts --json` as a process. */
  command: (args: readonly string[], env?: Record<string, string>) => Promise<Commanded>;
  /** Runs its tests as people do, without the command. */
  plainRun: (env?: Record<string, string>) => Promise<{ status: number | null; stdout: string; stderr: string }>;
  /** All that the same finds out, of which the command prints a part; `red` are the names of tests that failed. */
  test: (settings?: Partial<Settings>) => Promise<ExceptionResult & { red: string[] }>;
  close: () => void;
}

/** Copies a fixture, and adds the plugin to the configuration that it has; without it where options are not given. */
export function openFixture(name: string, options?: ExceptionTestOptions): FixtureProject {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'exception-test-')));
  const root = path.join(folder, 'project');
  cpSync(path.join(FIXTURES, name), root, { recursive: true });
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  if (options !== undefined) addPlugin(root, options, write);
  const run = async (args: readonly string[], env: Record<string, string> = {}) =>
    await runNode(args, { ...environment(), EXCEPTION_TEST_CACHE: path.join(folder, 'cache'), ...env });
  return {
    root,
    write,
    async command(args, env) {
      const { stdout, ...ended } = await run([CLI, '--root', root, '--json', ...args], env);
      return { ...ended, json: JSON.parse(stdout) as Commanded['json'] };
    },
    plainRun: (env) => run([path.join(MODULES, 'vitest', 'vitest.mjs'), 'run', '--root', root], env),
    async test(settings = {}) {
      const all = { ...DEFAULTS, root, ...settings };
      const { stdout, stderr } = await run(['--input-type=module', '--eval', PROGRAM, JSON.stringify(all)]);
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as ExceptionResult & { red: string[] };
    },
    close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const DEFAULTS = {
  ...{ level: 1, projects: [], today: '2026-07-30', full: false, baseline: 'hold', budgetSeconds: 600 },
  ...{ only: [], filters: [] },
};
const PROGRAM = `
  import { testExceptions } from ${JSON.stringify(TEST)};
  const onProgress = (text) => console.error(text);
  const red = [];
  const reporter = {
    onTestCaseResult: (test) => {
      if (test.result().state === 'failed') red.push(test.fullName);
    },
  };
  const result = await testExceptions({ ...JSON.parse(process.argv[1]), onProgress, reporter });
  process.stdout.write(JSON.stringify({ ...result, red }), () => process.exit());
`;

function addPlugin(root: string, options: ExceptionTestOptions, write: FixtureProject['write']): void {
  symlinkSync(MODULES, path.join(root, 'node_modules'));
  const config = readdirSync(root).find((file) => file.startsWith('vitest.config.')) ?? '';
  renameSync(path.join(root, config), path.join(root, `own.${config}`));
  write(
    config,
    `import { mergeConfig } from 'vitest/config';
import { exceptionTest } from ${JSON.stringify(PLUGIN)};
import own from './own.${config}';

export default mergeConfig(own, { plugins: [exceptionTest(${JSON.stringify(options)})] });
`,
  );
}

/** This one, without what vitest has put there. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|EXCEPTION_TEST|NODE_OPTIONS|NODE_ENV|TEST$)/.test(name),
  );
  return Object.fromEntries(kept);
}

async function runNode(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return await new Promise((resolve) => {
    child.once('close', (status) => {
      resolve({ status, stdout, stderr });
    });
  });
}
