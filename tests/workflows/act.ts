import { execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** What `act` in host mode does otherwise than GitHub, told by `npm run ci:local`. */
export const ACT_IGNORES = [
  'permissions: a job has every right that the token has',
  'concurrency: nothing waits for another run and nothing is cancelled',
  'timeout-minutes of a job',
  'the schedule: a run starts when you start it',
  'checkout: the files of your folder are copied, and of fetch-depth and persist-credentials nothing is seen',
  'masking in outputs and summaries; summaries and annotations are lines in the log',
  'environments, protection rules, required checks',
  'a clean machine: the host is the runner, with what is installed on it',
] as const;

export interface ActOptions {
  /** The repository. */
  folder: string;
  /** Where the jobs get their copies of it; by default beside it. */
  cacheFolder?: string;
  event: string;
  /** A file with the event's payload; of a dispatch by hand it has `inputs`. */
  payload?: string;
  /** The file under .github/workflows. */
  workflow: string;
  job?: string;
  /** Labels that this machine answers to. */
  labels?: readonly string[];
  env?: Record<string, string>;
  secrets?: Record<string, string>;
  /** The repository's variables. */
  vars?: Record<string, string>;
  /** Each line of the jobs' logs as it comes. */
  onLine?: (job: string, text: string) => void;
}

export interface ActJob {
  /** Refused: no machine answers to its label. */
  result: 'success' | 'failure' | 'unfinished' | 'refused';
  /** The label that was asked for, of a refused job. */
  label?: string;
  failedSteps: string[];
  annotations: { level: string; message: string; properties: Record<string, string> }[];
}

export interface ActRun {
  status: number | null;
  /** By the job's id. A job that was not run because of its condition, or of what it needs, is not here. */
  jobs: Record<string, ActJob>;
  /** What the steps and act itself have said, for people. */
  log: string;
}

interface LogLine {
  msg?: string;
  jobID?: string;
  jobResult?: 'success' | 'failure';
  step?: string;
  stepResult?: string;
  stage?: string;
  command?: string;
  kvPairs?: Record<string, string>;
  arg?: string;
  raw_output?: boolean;
}

/** Whether `act` is installed. */
export function hasAct(): boolean {
  try {
    execFileSync('act', ['--version']);
    return true;
  } catch {
    return false;
  }
}

/** Runs a workflow file on this machine with `act` in host mode: no container, the steps run as processes of this user. */
export async function runAct(options: ActOptions): Promise<ActRun> {
  const { folder, event, payload, workflow, job, labels = ['self-hosted'], env, secrets, vars } = options;
  const pairs = (flag: string, values: Record<string, string> = {}) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const args = [
    ...[
      event,
      '--json',
      '--no-cache-server',
      '--action-cache-path',
      options.cacheFolder ?? path.join(folder, '..', 'act'),
      '-W',
      `.github/workflows/${workflow}`,
    ],
    ...labels.flatMap((label) => ['-P', `${label}=-self-hosted`]),
    ...(payload === undefined ? [] : ['-e', payload]),
    ...(job === undefined ? [] : ['-j', job]),
    ...pairs('--env', env),
    ...pairs('-s', secrets),
    ...pairs('--var', vars),
  ];
  const child = spawn('act', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const run: ActRun = { status: null, jobs: {}, log: '' };
  const take = (text: string) => {
    if (text.startsWith('{')) note(run, JSON.parse(text) as LogLine, options);
    else run.log += `${text}\n`;
  };
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream })) take(line);
  });
  run.status = await ended;
  await Promise.all(lines);
  return run;
}

function note(run: ActRun, line: LogLine, { onLine }: ActOptions): void {
  const name = line.jobID;
  if (name === undefined) return;
  const job = (run.jobs[name] ??= { result: 'unfinished', failedSteps: [], annotations: [] });
  const text = line.msg ?? '';
  if (line.raw_output || line.stepResult === 'failure') {
    run.log += `${name} | ${text.trimEnd()}\n`;
    onLine?.(name, text.trimEnd());
  }
  const label = /Skipping unsupported platform .*`-P (.+)=/.exec(text)?.[1];
  if (label !== undefined) Object.assign(job, { result: 'refused', label });
  if (line.jobResult !== undefined) job.result = line.jobResult;
  if (line.stepResult === 'failure' && line.step !== undefined) job.failedSteps.push(line.step);
  if (line.command !== undefined && ['error', 'warning', 'notice'].includes(line.command)) {
    job.annotations.push({ level: line.command, message: line.arg ?? '', properties: line.kvPairs ?? {} });
  }
}
