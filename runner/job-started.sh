#!/usr/bin/env bash
# The runner runs this before the first step of each job (ACTIONS_RUNNER_HOOK_JOB_STARTED, see README.md); when it fails,
# the job ends there. A stranger's pull request can change the workflow files, but not this copy of the rule.
exec node "$(dirname "$0")/refuse-strangers.mjs"
