import path from 'node:path';
import { GITHUB_LIMITS, ONCE, openGithub, type GithubAccess, type GithubLimits } from './client.ts';

/** A workflow as GitHub knows it. */
export interface KnownWorkflow {
  /** The name of its file in .github/workflows. */
  file: string;
  /** `active`, or who disabled it: `disabled_inactivity`, `disabled_manually`, `disabled_fork`. */
  state: string;
  createdAt: Date;
}

/**
 * The workflows of a repository. What starts one is never tried twice: when its answer got lost, which is
 * GITHUB_UNREACHABLE, it may have started. Errors of all: GITHUB_UNREACHABLE, _FORBIDDEN, _RATE_LIMITED, _REFUSED.
 */
export interface Workflows {
  /** Those of files in .github/workflows. */
  list(): Promise<KnownWorkflow[]>;
  /** Whether a run began at that time or later, whatever started it. */
  hasRunSince(file: string, since: Date): Promise<boolean>;
  /** Starts a workflow on the default branch, as a person does by hand (workflow_dispatch). */
  start(file: string): Promise<void>;
  /** Lets a disabled workflow start again. */
  enable(file: string): Promise<void>;
  /** Starts the workflows that listen for a repository_dispatch of this type. */
  dispatch(eventType: string, payload: Record<string, unknown>): Promise<void>;
  /** Display titles (run-name) of a workflow's runs by repository_dispatch since a day, newest first. */
  runTitles(file: string, since: string): Promise<string[]>;
}

/** The workflows of a repository at `GITHUB_API_URL`. Error: OPTION_INVALID without a token. */
export function openWorkflows(access: GithubAccess, given: Partial<GithubLimits> = {}): Workflows {
  const { at, rest, paginate, asking } = openGithub(access, { ...GITHUB_LIMITS, ...given });
  const defaultBranch = async () => (await rest.repos.get(at)).data.default_branch;
  return {
    async list() {
      const all = await asking('list the workflows', 'actions: read', () =>
        paginate(rest.actions.listRepoWorkflows, { ...at, per_page: 100 }),
      );
      return all
        .filter((workflow) => path.dirname(workflow.path) === '.github/workflows')
        .map((workflow) => ({
          file: path.basename(workflow.path),
          state: workflow.state,
          createdAt: new Date(workflow.created_at),
        }));
    },
    async hasRunSince(file, since) {
      const created = `>=${since.toISOString().replace('.000Z', 'Z')}`;
      const { data } = await asking(`list the runs of ${file}`, 'actions: read', () =>
        rest.actions.listWorkflowRuns({ ...at, workflow_id: file, created, per_page: 1 }),
      );
      return data.total_count > 0;
    },
    async start(file) {
      await asking(
        `start ${file}`,
        'actions: write',
        async () =>
          await rest.actions.createWorkflowDispatch({ ...at, workflow_id: file, ref: await defaultBranch(), ...ONCE }),
      );
    },
    async enable(file) {
      await asking(`enable ${file}`, 'actions: write', () => rest.actions.enableWorkflow({ ...at, workflow_id: file }));
    },
    async dispatch(eventType, payload) {
      await asking(`dispatch ${eventType}`, 'contents: write', () =>
        rest.repos.createDispatchEvent({ ...at, event_type: eventType, client_payload: payload, ...ONCE }),
      );
    },
    async runTitles(file, since) {
      const which = { workflow_id: file, event: 'repository_dispatch', created: `>=${since}`, per_page: 100 };
      const runs = await asking(`list the runs of ${file}`, 'actions: read', () =>
        paginate(rest.actions.listWorkflowRuns, { ...at, ...which }),
      );
      return runs.map((run) => run.display_title);
    },
  };
}
