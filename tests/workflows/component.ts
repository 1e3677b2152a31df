import { hasAct } from './act.ts';

/** Why the tests with `act` are left out here; in CI nothing is left out, so that there they fail. */
export const noAct =
  hasAct() || process.env['CI']
    ? undefined
    : 'act is not on the PATH (https://nektosact.com); the workflows are not run';
