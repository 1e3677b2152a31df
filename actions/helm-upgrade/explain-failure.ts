import { CleaverError, type ErrorCode } from '../../pipelines/core/errors.ts';
import type { Ended, ProgramName } from './programs.ts';

/** More of what a program says is for its own log. */
const MAX_LINES = 6;

/** An error from how a program ended: its essential line, and what to do. */
export function explainFailure(program: ProgramName, args: readonly string[], ended: Ended): CleaverError {
  const said = essentialLines(ended);
  const { code, hint } =
    (program === 'cosign' ? REGISTRY_CAUSES : CAUSES).find(({ pattern }) => pattern.test(said)) ?? OTHER[program];
  return new CleaverError(code, `${program} ${args[0] ?? ''}: ${said}`, { hint });
}

/** The program is not there. */
export function missingProgram(program: ProgramName, cause: unknown): CleaverError {
  return new CleaverError('TOOL_MISSING', `${program} is not on the PATH of this runner.`, {
    hint: `Install ${program} (${HOMES[program]}) where the runner finds it, e.g. in /usr/local/bin.`,
    cause,
  });
}

/** The line of the error and what belongs to it, without warnings and repetitions. */
export function essentialLines({ status, stderr, stdout }: Ended): string {
  const lines = (stderr.trim() === '' ? stdout : stderr)
    .split('\n')
    .map((line) => line.trim())
    // kubectl tries to discover the API several times, and logs each.
    .filter(
      (line) => line !== '' && !/^(WARNING|Warning|level=|[EIW]\d{4} |error during command execution)/.test(line),
    );
  const first = lines.findIndex((line) => /^(error|fatal)\b/i.test(line));
  const essential = [...new Set(lines.slice(Math.max(0, first)))].slice(0, MAX_LINES).join('\n');
  if (status === null) return `it did not end within its time limit, or was killed${essential && `: ${essential}`}`;
  return essential === '' ? `it ended with status ${status} and said nothing` : essential;
}

interface Cause {
  code: ErrorCode;
  hint: string;
}

const UNREACHABLE =
  /connection refused|was refused|no such host|i\/o timeout|TLS handshake timeout|deadline exceeded|unreachable|did not end within|EOF$|no configuration has been provided|connection reset|network is down|x509/i;

const CAUSES: (Cause & { pattern: RegExp })[] = [
  {
    pattern: /schema\(s\)|values don't meet|not meet the specification/,
    code: 'CHART_REFUSED',
    hint: 'Mend the value in the values file or under `set:`; the README of the chart explains each.',
  },
  {
    pattern: /Forbidden|Unauthorized|must be logged in/i,
    code: 'CLUSTER_FORBIDDEN',
    hint: 'Give the user of the kubeconfig the rights that the README of actions/helm-upgrade lists, or renew its credentials.',
  },
  {
    pattern: UNREACHABLE,
    code: 'CLUSTER_UNREACHABLE',
    hint: 'Look whether the cluster runs (`kubectl get nodes` on the runner), and whether KUBECONFIG of the runner names a file that points to it.',
  },
];

const REGISTRY_CAUSES: typeof CAUSES = [
  {
    pattern: UNREACHABLE,
    code: 'IMAGE_REGISTRY_UNREACHABLE',
    hint: 'Look whether the registry runs and the runner reaches it; nothing was changed. One without TLS needs `plain-http: true`.',
  },
];

const OTHER: Record<ProgramName, Cause> = {
  helm: {
    code: 'CHART_REFUSED',
    hint: 'Run the same command with --debug on the runner; what is named is mended in the chart or its values.',
  },
  kubectl: {
    code: 'CLUSTER_REFUSED',
    hint: 'Run the same command on the runner; what the API server names is mended in the chart or the cluster.',
  },
  cosign: {
    code: 'IMAGE_UNTRUSTED',
    hint: 'Deploy an image that actions/build-image signed with the key that belongs to `verify-key`; nothing was changed.',
  },
};

const HOMES: Record<ProgramName, string> = {
  helm: 'https://helm.sh',
  kubectl: 'https://kubernetes.io/docs/tasks/tools',
  cosign: 'https://docs.sigstore.dev',
};
