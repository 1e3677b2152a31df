import { exampleOf, type Described } from './description.ts';

/** Who wrote something. */
export interface Author {
  login: string;
  type: 'Bot' | 'User';
  association: 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'CONTRIBUTOR' | 'NONE';
}

/** Whom a workflow's own token stands for. */
export const ACTIONS_BOT: Author = { login: 'github-actions[bot]', type: 'Bot', association: 'NONE' };

/** A repository on GitHub as far as we use it. Tests set and read it. */
export interface GithubState {
  owner: string;
  name: string;
  pulls: { number: number; title: string }[];
  issues: { number: number; title: string; body: string; labels: string[]; open: boolean; author: Author }[];
  comments: { id: number; issue: number; body: string; author: Author }[];
  dispatches: { eventType: string; payload: Record<string, unknown> }[];
  /** `file` in .github/workflows, `state` as GitHub names it (`active`), `createdAt` a time as in `runs`. */
  workflows: { file: string; state: string; createdAt: string }[];
  /** Oldest first. `workflow` is the file's name, `createdAt` a time as GitHub writes it, 2026-01-31T12:00:00Z. */
  runs: { workflow: string; title: string; event: string; createdAt: string }[];
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type Handler = (state: GithubState, asked: Described, body: Readonly<Record<string, unknown>>) => Answer;

const DEFAULT_PAGE_SIZE = 30;
const DEFAULT_BRANCH = 'main';

/** An answer that GitHub gives to what it refuses. */
export function refusal(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

/** What GitHub does and answers, by operation. */
export const ANSWERS: Record<string, Handler> = {
  'pulls/get': (state, { params }) => {
    const pull = state.pulls.find(({ number }) => number === Number(params['pull_number']));
    return pull ? { status: 200, body: { ...exampleOf('pulls/get', 200), ...pull } } : refusal(404, 'Not Found');
  },

  'repos/create-dispatch-event': (state, _, body) => {
    state.dispatches.push({
      eventType: String(body['event_type']),
      payload: (body['client_payload'] ?? {}) as Record<string, unknown>,
    });
    return { status: 204 };
  },

  'repos/get': (state) => ({
    status: 200,
    body: { ...exampleOf('repos/get', 200), name: state.name, default_branch: DEFAULT_BRANCH },
  }),

  'actions/list-repo-workflows': (state, { query }) => {
    const [example] = exampleOf('actions/list-repo-workflows', 200)['workflows'] as object[];
    const { rows, headers } = page(state.workflows, query);
    const workflows = rows.map((one) => ({
      ...example,
      path: one.file.includes('/') ? one.file : `.github/workflows/${one.file}`,
      state: one.state,
      created_at: one.createdAt,
    }));
    return { status: 200, body: { total_count: state.workflows.length, workflows }, headers };
  },

  'actions/create-workflow-dispatch': (state, { params }, { ref }) => {
    const workflow = state.workflows.find(({ file }) => file === params['workflow_id']);
    if (!workflow) return refusal(404, 'Not Found');
    if (ref !== DEFAULT_BRANCH) return refusal(422, `No ref found for: ${String(ref)}`);
    if (workflow.state !== 'active') {
      return refusal(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow");
    }
    const createdAt = new Date().toISOString().replace(/\.\d+/, '');
    state.runs.push({ workflow: workflow.file, title: workflow.file, event: 'workflow_dispatch', createdAt });
    return { status: 204 };
  },

  'actions/enable-workflow': (state, { params }) => {
    const workflow = state.workflows.find(({ file }) => file === params['workflow_id']);
    if (!workflow) return refusal(404, 'Not Found');
    workflow.state = 'active';
    return { status: 204 };
  },

  'actions/list-workflow-runs': (state, { params, query }) => {
    const event = query.get('event');
    const since = (query.get('created') ?? '').replace('>=', '');
    const [example] = exampleOf('actions/list-workflow-runs', 200)['workflow_runs'] as object[];
    const found = state.runs
      .filter((run) => run.workflow === params['workflow_id'] && run.createdAt >= since)
      .filter((run) => event === null || run.event === event)
      .map((run) => ({ ...example, display_title: run.title, event: run.event, created_at: run.createdAt }))
      .reverse();
    const { rows, headers } = page(found, query);
    return { status: 200, body: { total_count: found.length, workflow_runs: rows }, headers };
  },

  'issues/list-comments': (state, { params, query }) => {
    const number = Number(params['issue_number']);
    if (!isThere(state, number)) return refusal(404, 'Not Found');
    const comments = state.comments.filter(({ issue }) => issue === number);
    const { rows, headers } = page(comments, query);
    return { status: 200, body: rows.map((one) => commentBody(state, one)), headers };
  },

  'issues/create-comment': (state, { params }, { body }) => {
    const issue = Number(params['issue_number']);
    if (!isThere(state, issue)) return refusal(404, 'Not Found');
    if (isTooLong(body)) return refusal(422, 'Validation Failed');
    const comment = { id: state.comments.length + 1, issue, body: String(body), author: ACTIONS_BOT };
    state.comments.push(comment);
    return { status: 201, body: commentBody(state, comment) };
  },

  'issues/update-comment': (state, { params }, { body }) => {
    const comment = state.comments.find(({ id }) => id === Number(params['comment_id']));
    if (!comment) return refusal(404, 'Not Found');
    if (isTooLong(body)) return refusal(422, 'Validation Failed');
    comment.body = String(body);
    return { status: 200, body: commentBody(state, comment) };
  },

  'issues/list-for-repo': (state, { query }) => {
    const labels = (query.get('labels') ?? '').split(',').filter(Boolean);
    const wanted = query.get('state') ?? 'open';
    const found = state.issues
      .filter(({ open }) => wanted === 'all' || open === (wanted === 'open'))
      .filter((issue) => labels.every((label) => issue.labels.includes(label)))
      .reverse();
    const { rows, headers } = page(found, query);
    return { status: 200, body: rows.map((one) => issueBody(state, one)), headers };
  },

  'issues/create': (state, _, { title, body, labels }) => {
    if (isTooLong(body)) return refusal(422, 'Validation Failed');
    const number = Math.max(0, ...[...state.issues, ...state.pulls].map((one) => one.number)) + 1;
    const issue = {
      number,
      title: String(title),
      body: String(body),
      labels: (labels ?? []) as string[],
      open: true,
      author: ACTIONS_BOT,
    };
    state.issues.push(issue);
    return { status: 201, body: issueBody(state, issue) };
  },

  'issues/update': (state, { params }, { title, body }) => {
    const issue = state.issues.find(({ number }) => number === Number(params['issue_number']));
    if (!issue) return refusal(404, 'Not Found');
    if (isTooLong(body)) return refusal(422, 'Validation Failed');
    if (typeof title === 'string') issue.title = title;
    if (typeof body === 'string') issue.body = body;
    return { status: 200, body: issueBody(state, issue) };
  },
};

function isThere({ issues, pulls }: GithubState, wanted: number): boolean {
  return [...issues, ...pulls].some(({ number }) => number === wanted);
}

/** Not in the description, but so it is: "body is too long (maximum is 65536 characters)". */
function isTooLong(body: unknown): boolean {
  return typeof body === 'string' && body.length > 65_536;
}

/** One page, and the header by which its reader finds the next. */
function page<T>(all: readonly T[], query: URLSearchParams): { rows: T[]; headers: Record<string, string> } {
  const size = Number(query.get('per_page') ?? DEFAULT_PAGE_SIZE);
  const number = Number(query.get('page') ?? 1);
  const next = new URLSearchParams(query);
  next.set('page', String(number + 1));
  const headers: Record<string, string> =
    number * size < all.length ? { link: `<?${next.toString()}>; rel="next"` } : {};
  return { rows: all.slice((number - 1) * size, number * size), headers };
}

function commentBody(state: GithubState, { id, issue, body, author }: GithubState['comments'][number]): object {
  const example = exampleOf('issues/create-comment', 201);
  const html_url = `https://github.com/${state.owner}/${state.name}/issues/${issue}#issuecomment-${id}`;
  return { ...example, id, body, html_url, ...writtenBy(example, author) };
}

function issueBody(state: GithubState, { number, title, body, labels, open, author }: GithubState['issues'][number]) {
  const example = exampleOf('issues/create', 201);
  // An issue with this key is a pull request.
  delete example['pull_request'];
  const html_url = `https://github.com/${state.owner}/${state.name}/issues/${number}`;
  const named = labels.map((name) => ({ name }));
  const status = open ? 'open' : 'closed';
  return { ...example, number, title, body, labels: named, state: status, html_url, ...writtenBy(example, author) };
}

function writtenBy({ user }: Record<string, unknown>, { login, type, association }: Author): object {
  return { user: { ...(user as object), login, type }, author_association: association };
}
