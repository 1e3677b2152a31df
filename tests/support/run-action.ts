import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { COMPILE_CACHE } from './compile-cache.ts';

const ACTIONS = path.join(import.meta.dirname, '..', '..', 'actions');

export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  /** title, file, line … */
  properties: Record<string, string>;
}

export interface ActionResult {
  status: number | null;
  /** The log as the runner gets it, workflow commands and all. */
  log: string;
  outputs: Record<string, string>;
  summary: string;
  annotations: Annotation[];
}

export interface ActionRun {
  /** What stands under `with:`. */
  inputs?: Record<string, string>;
  /** The event that started the workflow, by default a push. */
  event?: { name: string; payload: object };
  env?: Record<string, string>;
}

export interface RunningAction {
  /** Undefined when it could not be started. */
  pid: number | undefined;
  log: () => string;
  /** Waits until a text stands in the log; rejects when the action ends without it. */
  said: (text: string) => Promise<void>;
  kill: (signal: NodeJS.Signals) => void;
  ended: Promise<ActionResult>;
}

/**
 * Starts an action's main.ts as the runner does: inputs in `INPUT_*`, files for outputs, summary and event in `root`, the
 * state in `root/state`, models in `root/models`. Ended with the test at the latest.
 */
export async function startAction(root: string, name: string, run: ActionRun = {}): Promise<RunningAction> {
  const { inputs = {}, event = { name: 'push', payload: {} }, env = {} } = run;
  const files = path.join(root, `step-${crypto.randomUUID()}`);
  await mkdir(files, { recursive: true });
  const at = (file: string) => path.join(files, file);
  await Promise.all([
    writeFile(at('output'), ''),
    writeFile(at('summary'), ''),
    writeFile(at('event.json'), JSON.stringify(event.payload)),
  ]);
  const child = spawn(process.execPath, [path.join(ACTIONS, name, 'main.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      // Nothing of the environment of the tests' own job is taken over.
      ...Object.fromEntries(
        Object.entries(process.env).filter(([key]) => !/^(GITHUB|INPUT|RUNNER|ACTIONS|CLEAVER_TEST)_/.test(key)),
      ),
      ...COMPILE_CACHE,
      CLEAVER_HOME: path.join(root, 'state'),
      CLEAVER_MODELS: path.join(root, 'models'),
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: event.name,
      GITHUB_EVENT_PATH: at('event.json'),
      GITHUB_OUTPUT: at('output'),
      GITHUB_STEP_SUMMARY: at('summary'),
      GITHUB_WORKSPACE: path.join(root, 'checkout'),
      GITHUB_REPOSITORY: 'owner/shop',
      GITHUB_SERVER_URL: 'https://github.com',
      // A closed port: nothing that a test starts reaches the real GitHub.
      GITHUB_API_URL: 'http://127.0.0.1:9',
      GITHUB_RUN_ID: '1234',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKFLOW: 'retrain',
      GITHUB_JOB: 'job',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: '0'.repeat(40),
      ...Object.fromEntries(Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
      ...env,
    },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let log = '';
  const take = (chunk: Buffer) => (log += chunk.toString());
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<ActionResult>((resolve, reject) =>
    child.once('close', (status) => {
      Promise.all([readFile(at('output'), 'utf8'), readFile(at('summary'), 'utf8')])
        .then(([output, summary]) => {
          resolve({ status, log, outputs: parseOutputs(output), summary, annotations: parseAnnotations(log) });
        })
        .catch(reject);
    }),
  );
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (log.includes(text)) resolve();
      };
      look();
      child.stdout.on('data', look);
      child.once('close', () => {
        reject(new Error(`It ended without saying "${text}":\n${log}`));
      });
    });
  return { pid: child.pid, log: () => log, said, kill: (signal) => child.kill(signal), ended };
}

/** Runs an action to its end. */
export async function runAction(root: string, name: string, run?: ActionRun): Promise<ActionResult> {
  return await (
    await startAction(root, name, run)
  ).ended;
}

/** `name<<delimiter\nvalue\ndelimiter`, as @actions/core writes them. */
function parseOutputs(text: string): Record<string, string> {
  const found = text.matchAll(/^(?<name>[^\n]+?)<<(?<end>ghadelimiter_\S+)\n(?<value>[\s\S]*?)\n?\k<end>$/gm);
  return Object.fromEntries([...found].map(({ groups }) => [groups?.['name'] ?? '', groups?.['value'] ?? '']));
}

function parseAnnotations(log: string): Annotation[] {
  const found = log.matchAll(/^::(?<level>error|warning|notice)(?<properties> [^\n]*?)?::(?<message>.*)$/gm);
  return [...found].map(({ groups }) => ({
    level: groups?.['level'] as Annotation['level'],
    message: unescape(groups?.['message'] ?? ''),
    properties: Object.fromEntries(
      (groups?.['properties'] ?? '')
        .trim()
        .split(',')
        .filter(Boolean)
        .map((pair) => pair.split('=') as [string, string])
        .map(([key, value]) => [key, unescape(value)]),
    ),
  }));
}

/** The escapes of workflow commands. */
function unescape(text: string): string {
  return text
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
