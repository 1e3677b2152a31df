// Free of dependencies, and for any Node from 20 on: it lies on the runner outside of every checkout.
import console from 'node:console';
import { readFileSync } from 'node:fs';
import process from 'node:process';

/** Events that only people with the right to write can start. */
const OWNERS = ['push', 'merge_group', 'schedule', 'workflow_dispatch', 'repository_dispatch'];

const { GITHUB_EVENT_NAME: event = '', GITHUB_EVENT_PATH: file = '', GITHUB_REPOSITORY: repository = '' } = process.env;
const reason = refusal();
if (reason !== undefined) {
  console.log(`::error title=STRANGERS_CODE::This machine runs the owner's code only. ${reason}`);
  process.exit(1);
}

function refusal() {
  if (OWNERS.includes(event)) return undefined;
  if (event !== 'pull_request') return `The event ${event || '(none)'} can be started by anybody.`;
  let from;
  try {
    from = JSON.parse(readFileSync(file, 'utf8')).pull_request.head.repo?.full_name;
  } catch (error) {
    return `What the pull request is about cannot be read (${error.message}).`;
  }
  if (repository !== '' && from === repository) return undefined;
  return `The pull request comes from ${from ?? 'a deleted repository'}.`;
}
