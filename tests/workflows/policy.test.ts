import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compositeViolations, RUNS_ON, workflowViolations } from './policy.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (...names: string[]) => readFileSync(path.join(ROOT, ...names), 'utf8');
const workflows = readdirSync(path.join(ROOT, '.github', 'workflows'));
const actions = readdirSync(path.join(ROOT, 'actions'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe('our own files', () => {
  test('are seen', () => {
    expect(workflows).toEqual(expect.arrayContaining(['ci.yml', 'etl.yml', 'watch.yml', 'retrain.yml']));
    expect(actions.map(({ name }) => name)).toContain('setup');
  });

  test.each(workflows)('%s keeps the policy', (file) => {
    expect(workflowViolations(read('.github', 'workflows', file))).toEqual([]);
  });

  test.each(actions.map(({ name }) => name))('the action %s keeps it', (name) => {
    expect(compositeViolations(read('actions', name, 'action.yml'))).toEqual([]);
  });
});

const CHECKOUT = `      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
`;
/** A workflow for pull requests that keeps the policy, and one for the owner's own events. */
const FOR_PULLS = `on:
  pull_request:
permissions: {}
concurrency:
  group: x
  cancel-in-progress: true
jobs:
  test:
    runs-on: ${RUNS_ON}
    timeout-minutes: 5
    permissions:
      contents: read # the checkout
    steps:
${CHECKOUT}      - run: npm test
  ci-ok:
    needs: [test]
    if: always()
    runs-on: ${RUNS_ON}
    timeout-minutes: 5
    permissions: {}
    steps:
      - run: 'true'
`;
const FOR_OWNER = `on:
  schedule:
    - cron: '1 2 * * *'
permissions: {}
concurrency:
  group: x
  cancel-in-progress: false
jobs:
  train:
    runs-on: self-hosted
    timeout-minutes: 5
    permissions:
      contents: read # the checkout
    steps:
${CHECKOUT}      - run: npm test
`;

describe('the policy', () => {
  test('passes what keeps it', () => {
    expect(workflowViolations(FOR_PULLS)).toEqual([]);
    expect(workflowViolations(FOR_OWNER)).toEqual([]);
  });

  const step = (yaml: string) => [`      - run: npm test\n`, `${yaml}\n`] as const;
  test.each<[string, string, readonly [string | RegExp, string], RegExp]>([
    ['self-hosted for everybody', FOR_PULLS, [RUNS_ON, 'self-hosted'], /^test: runs-on must be the expression/],
    ['self-hosted among labels', FOR_PULLS, [RUNS_ON, '[self-hosted, linux]'], /^test: runs-on must be the expression/],
    ['a runner group', FOR_PULLS, [RUNS_ON, '\n      group: home'], /^test: runs-on must be the expression/],
    ['the condition the wrong way round', FOR_PULLS, [RUNS_ON, RUNS_ON.replace('!=', '==')], /^test: runs-on/],
    [
      'the fork asked by a field that a deleted fork lacks',
      FOR_PULLS,
      [RUNS_ON, "${{ github.event.pull_request.head.repo.fork && 'ubuntu-24.04' || 'self-hosted' }}"],
      /^test: runs-on/,
    ],
    [
      'the runner chosen by a label of the pull request',
      FOR_PULLS,
      [RUNS_ON, '${{ github.event.label.name }}'],
      /^test: runs-on/,
    ],
    ['the runner chosen by a matrix', FOR_PULLS, [RUNS_ON, '${{ matrix.runner }}'], /^test: runs-on/],
    ['pull_request_target', FOR_PULLS, ['  pull_request:\n', '  pull_request_target:\n'], /^on: pull_request_target/],
    ['workflow_run', FOR_OWNER, ['on:\n', 'on:\n  workflow_run:\n    workflows: [ci]\n'], /^on: workflow_run/],
    ['a comment as trigger', FOR_OWNER, ['on:\n', 'on:\n  issue_comment:\n'], /^on: issue_comment/],
    [
      'a secret within reach of a pull request',
      FOR_PULLS,
      step('      - run: npm test\n        env:\n          KEY: ${{ secrets.KEY }}'),
      /^secrets: KEY/,
    ],
    [
      'all secrets as JSON',
      FOR_OWNER,
      step('      - run: npm test\n        env:\n          KEYS: ${{ toJSON(secrets) }}'),
      /^secrets: all/,
    ],
    [
      'a secret for the whole workflow',
      FOR_OWNER,
      ['jobs:\n', 'env:\n  KEY: ${{ secrets.KEY }}\njobs:\n'],
      /^env: a secret/,
    ],
    [
      'secrets: inherit',
      FOR_OWNER,
      [/ {4}runs-on[\s\S]*/, '    permissions: {}\n    uses: ./.github/workflows/x.yml\n    secrets: inherit\n'],
      /^train: `secrets: inherit`/,
    ],
    [
      'a called workflow for pull requests',
      FOR_PULLS,
      [/ {4}runs-on[\s\S]*/, '    permissions: {}\n    uses: ./.github/workflows/x.yml\n'],
      /^test: a workflow for pull requests calls no other/,
    ],
    ['an action by tag', FOR_OWNER, step('      - uses: actions/cache@v5'), /^train: actions\/cache@v5 is not pinned/],
    ['an action by branch', FOR_OWNER, step('      - uses: some/thing@main'), /^train: some\/thing@main is not pinned/],
    ['an action by a short commit', FOR_OWNER, step('      - uses: some/thing@3d3c42e'), /is not pinned/],
    ['an image as action', FOR_OWNER, step('      - uses: docker://alpine:3'), /is not pinned/],
    [
      'a token left in the checkout',
      FOR_OWNER,
      ['persist-credentials: false', 'persist-credentials: true'],
      /^train: the checkout leaves its token/,
    ],
    [
      'an expression in a script',
      FOR_OWNER,
      step('      - run: echo ${{ github.event.head_commit.message }}'),
      /^train: an expression is pasted/,
    ],
    ['no permissions at the top', FOR_OWNER, ['permissions: {}\n', ''], /^permissions: the workflow must begin/],
    [
      'a job without permissions of its own',
      FOR_OWNER,
      [/ {4}permissions:\n.*\n/, ''],
      /^train: it must name its permissions/,
    ],
    [
      'write-all',
      FOR_OWNER,
      [/permissions:\n.*\n/, 'permissions: write-all\n'],
      /^permissions: write-all grants everything/,
    ],
    ['a grant without a reason', FOR_OWNER, [' # the checkout', ''], /^permissions: contents: read has no comment/],
    [
      'a pull request that may write',
      FOR_PULLS,
      ['contents: read # the checkout', 'issues: write # a comment'],
      /^test: a workflow for pull requests may write comments only/,
    ],
    [
      'a comment on a stranger’s pull request',
      FOR_PULLS,
      ['contents: read # the checkout', 'pull-requests: write # a comment'],
      /^test: what writes must begin its condition/,
    ],
    ['no time limit', FOR_OWNER, ['    timeout-minutes: 5\n', ''], /^train: it has no time limit/],
    ['no concurrency', FOR_OWNER, [/concurrency:\n.*\n.*\n/, ''], /^concurrency: two runs/],
    [
      'a training that is cut off',
      FOR_OWNER,
      ['cancel-in-progress: false', 'cancel-in-progress: true'],
      /^concurrency: a running job/,
    ],
    [
      'a failure that is hidden',
      FOR_OWNER,
      step('      - run: npm test\n        continue-on-error: true'),
      /^train: continue-on-error/,
    ],
    [
      'a job that ci-ok does not wait for',
      FOR_PULLS,
      ['needs: [test]', 'needs: []'],
      /^ci-ok: it does not wait for test/,
    ],
    ['a ci-ok that is skipped', FOR_PULLS, ['    if: always()\n', ''], /^ci-ok: it must run always/],
    ['no job at all', FOR_OWNER, [/jobs:[\s\S]*/, ''], /^file: it has no job/],
    [
      'a key twice, of which one is hidden',
      FOR_OWNER,
      ['    timeout-minutes: 5\n', '    timeout-minutes: 5\n    runs-on: x\n'],
      /^file: /,
    ],
  ])('catches %s', (_, good, [what, by], problem) => {
    const bad = good.replace(what, () => by);
    expect(bad).not.toBe(good);
    const problems = workflowViolations(bad);
    expect(problems).toContainEqual(expect.stringMatching(problem));
  });

  test('catches an expression in the script of a composite action', () => {
    const action = 'runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo ${{ inputs.name }}\n';
    expect(compositeViolations(action)).toEqual(['an expression is pasted into a script; hand it over by env']);
  });
});
