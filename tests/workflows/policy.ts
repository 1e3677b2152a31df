import { isMap, isScalar, parseDocument, visit, type Document } from 'yaml';

/** Where a job of a workflow for pull requests runs: a stranger's pull request never on the owner's machine. */
export const RUNS_ON =
  "${{ github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name != github.repository && 'ubuntu-24.04' || 'self-hosted' }}";
/** The condition of a job that strangers are not to have. */
const OWN = 'github.event.pull_request.head.repo.full_name == github.repository';
const HOSTED = /^(ubuntu|macos|windows)-[\w.-]+$/;
/** Events whose code is the owner's, or, for pull_request, code that {@link RUNS_ON} sends away. */
const TRIGGERS = [
  'push',
  'pull_request',
  'merge_group',
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'workflow_call',
];

interface Job {
  'runs-on'?: unknown;
  'timeout-minutes'?: unknown;
  permissions?: unknown;
  needs?: string | string[];
  if?: string;
  uses?: string;
  secrets?: unknown;
  concurrency?: unknown;
  'continue-on-error'?: unknown;
  steps?: Step[];
}

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  'continue-on-error'?: unknown;
}

interface Workflow {
  on?: string | string[] | Record<string, unknown>;
  permissions?: unknown;
  concurrency?: unknown;
  env?: unknown;
  jobs?: Record<string, Job>;
}

/** What a workflow file does that none of ours may do, each as one sentence that begins with where it is. */
export function workflowViolations(text: string): string[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) return document.errors.map(({ message }) => `file: ${message}`);
  const workflow = document.toJS() as Workflow;
  const triggers = triggersOf(workflow);
  const isForStrangers = triggers.some(
    (trigger) =>
      !['schedule', 'workflow_dispatch', 'repository_dispatch', 'push', 'merge_group', 'workflow_call'].includes(
        trigger,
      ),
  );
  const jobs = Object.entries(workflow.jobs ?? {});
  return [
    ...(jobs.length === 0 ? ['file: it has no job'] : []),
    ...triggers
      .filter((trigger) => !TRIGGERS.includes(trigger))
      .map((trigger) => `on: ${trigger} lets a stranger start a job with the owner's rights`),
    ...(isEmptyMap(workflow.permissions) ? [] : ['permissions: the workflow must begin with `permissions: {}`']),
    ...uncommentedGrants(document),
    ...secretsOf(text, isForStrangers),
    ...concurrencyOf(workflow, triggers),
    ...jobs.flatMap(([name, job]) => jobViolations(job, isForStrangers).map((problem) => `${name}: ${problem}`)),
    ...(workflow.jobs?.['ci-ok'] ? aggregateViolations(workflow.jobs) : []),
  ];
}

/** The same for the steps of a composite action. */
export function compositeViolations(text: string): string[] {
  const action = parseDocument(text).toJS() as { runs?: { using?: string; steps?: Step[] } };
  return action.runs?.using === 'composite' ? (action.runs.steps ?? []).flatMap(stepViolations) : [];
}

function triggersOf({ on }: Workflow): string[] {
  if (typeof on === 'string') return [on];
  return Array.isArray(on) ? on : Object.keys(on ?? {});
}

function jobViolations(job: Job, isForStrangers: boolean): string[] {
  const problems = (job.steps ?? []).flatMap(stepViolations);
  if (job['continue-on-error'] !== undefined) problems.push('continue-on-error hides a failure');
  if (!isPlainMap(job.permissions)) problems.push('it must name its permissions');
  if (job.secrets === 'inherit') problems.push('`secrets: inherit` hands on more than is needed');
  if (job.uses !== undefined) {
    if (!job.uses.startsWith('./')) problems.push(...pinViolation(job.uses));
    if (isForStrangers)
      problems.push('a workflow for pull requests calls no other: its jobs would run elsewhere unseen');
    return problems;
  }
  if (typeof job['timeout-minutes'] !== 'number') problems.push('it has no time limit (timeout-minutes)');
  const where = job['runs-on'];
  const isHosted = typeof where === 'string' && HOSTED.test(where);
  if (isForStrangers && !isHosted && where !== RUNS_ON) {
    problems.push(`runs-on must be the expression that sends forks away, but is ${JSON.stringify(where)}`);
  }
  if (!isForStrangers && !isHosted && where !== 'self-hosted') {
    problems.push(`runs-on must be self-hosted or a machine of GitHub's, but is ${JSON.stringify(where)}`);
  }
  if (isForStrangers) problems.push(...writeViolations(job));
  return problems;
}

/** For the owner's own pull requests a job may comment; a fork's token could not write anyhow, and gets an error. */
function writeViolations({ permissions, if: condition }: Job): string[] {
  const writes = Object.entries(permissions ?? {}).filter(([, right]) => right === 'write');
  if (writes.length === 0) return [];
  if (writes.some(([what]) => what !== 'pull-requests'))
    return ['a workflow for pull requests may write comments only'];
  return condition?.startsWith(OWN) ? [] : [`what writes must begin its condition with: ${OWN}`];
}

function stepViolations(step: Step): string[] {
  const problems: string[] = [];
  if (step['continue-on-error'] !== undefined) problems.push('continue-on-error hides a failure');
  if (step.uses !== undefined && !step.uses.startsWith('./')) problems.push(...pinViolation(step.uses));
  if (step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false) {
    problems.push('the checkout leaves its token behind (persist-credentials: false)');
  }
  for (const script of [step.run, step.with?.['script']]) {
    if (typeof script === 'string' && script.includes('${{')) {
      problems.push('an expression is pasted into a script; hand it over by env');
    }
  }
  return problems;
}

function pinViolation(uses: string): string[] {
  return /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(uses) ? [] : [`${uses} is not pinned to a commit`];
}

/** Each grant needs a comment that says what it is for. */
function uncommentedGrants(document: Document): string[] {
  const problems: string[] = [];
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== 'permissions') return;
      if (isScalar(pair.value)) problems.push(`permissions: ${String(pair.value.value)} grants everything`);
      if (!isMap(pair.value)) return;
      for (const { key, value } of pair.value.items) {
        if (isScalar(value) && value.value !== 'none' && !value.comment) {
          problems.push(`permissions: ${String(key)}: ${String(value.value)} has no comment that says what for`);
        }
      }
    },
  });
  return problems;
}

function secretsOf(text: string, isForStrangers: boolean): string[] {
  const names = [...text.matchAll(/secrets(?:\.|\[')(\w+)/g)].map(([, name]) => name ?? '');
  const problems = /toJSON\(\s*secrets\s*\)|secrets\[(?!')/.test(text) ? ['secrets: all of them are handed on'] : [];
  if (isForStrangers) {
    problems.push(...names.map((name) => `secrets: ${name} in a workflow that strangers can start`));
  }
  if (/^env:[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+[^\n]*secrets\./m.test(text)) {
    problems.push('env: a secret for the whole workflow; give it to the one step that needs it');
  }
  return problems;
}

/** Runs of one workflow do not pile up, and what writes state is let finish. */
function concurrencyOf(workflow: Workflow, triggers: readonly string[]): string[] {
  // Whoever calls a workflow sees to it.
  if (triggers.every((trigger) => trigger === 'workflow_call')) return [];
  const groups = [workflow.concurrency, ...Object.values(workflow.jobs ?? {}).map((job) => job.concurrency)].filter(
    (group) => group !== undefined,
  );
  if (groups.length === 0) return ['concurrency: two runs of it may work at once'];
  const isCi = triggers.includes('pull_request');
  const lets = groups.every((group) => isPlainMap(group) && (isCi || group['cancel-in-progress'] === false));
  return lets ? [] : ['concurrency: a running job must be let finish (cancel-in-progress: false)'];
}

function aggregateViolations(jobs: Record<string, Job>): string[] {
  const { needs, if: condition } = jobs['ci-ok'] ?? {};
  const missing = Object.keys(jobs).filter((name) => name !== 'ci-ok' && !(needs ?? []).includes(name));
  return [
    ...missing.map((name) => `ci-ok: it does not wait for ${name}`),
    ...(condition === 'always()' ? [] : ['ci-ok: it must run always(), or a failure counts as skipped, which passes']),
  ];
}

function isPlainMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmptyMap(value: unknown): boolean {
  return isPlainMap(value) && Object.keys(value).length === 0;
}
