import { z } from 'zod';
import { explainFailure } from '../explain-failure.ts';
import type { Ended, Programs } from '../programs.ts';

export interface ReleaseOptions {
  release: string;
  namespace: string;
  chart: string;
  /** Files. */
  values: readonly string[];
  /** name@sha256:…, name:tag, or undefined: as the values say. */
  image: string | undefined;
  /** As for `helm --set`. */
  set: readonly string[];
  timeoutSeconds: number;
}

const revisions = z.array(z.object({ revision: z.number(), status: z.string(), description: z.string().default('') }));

export type Revision = z.output<typeof revisions>[number];

/** One release, by Helm 3 or 4. Errors of all: TOOL_MISSING, CLUSTER_UNREACHABLE, _FORBIDDEN, CHART_REFUSED. */
export interface Helm {
  version: string;
  /** The last revisions, oldest first; empty when it was never installed. */
  history(): Promise<Revision[]>;
  /** The manifest that runs; empty when nothing does. */
  manifest(): Promise<string>;
  /** The manifest that an upgrade would give, by a dry run on the server. */
  plan(): Promise<string>;
  /** Installs or upgrades, waits, and goes back by itself when that fails. Answers how it ended. */
  upgrade(signal: AbortSignal): Promise<Ended>;
  test(signal: AbortSignal): Promise<Ended>;
  rollback(revision: number, options: { wait: boolean }): Promise<void>;
  uninstall(): Promise<void>;
}

/** So long over helm's own limit it is let live. */
const MARGIN_MS = 60_000;

export async function openHelm(programs: Programs, options: ReleaseOptions): Promise<Helm> {
  const { release, namespace, chart, timeoutSeconds } = options;
  const version = (await programs.ask('helm', ['version', '--template', '{{.Version}}'])).trim();
  const isHelm3 = version.startsWith('v3.');
  const at = ['--namespace', namespace];
  const timeout = ['--timeout', `${timeoutSeconds}s`];
  // It may go back after it has failed, within the same time.
  const timeoutMs = 2 * timeoutSeconds * 1000 + MARGIN_MS;
  const upgrade = ['upgrade', release, chart, '--install', ...at, '--create-namespace', ...valuesOf(options)];
  /** What there is none of where the release is not there. */
  const orNone = async (args: readonly string[]) => {
    const ended = await programs.run('helm', args);
    if (ended.status === 0) return ended.stdout;
    if (ended.stderr.includes('release: not found')) return undefined;
    throw explainFailure('helm', args, ended);
  };
  return {
    version,
    async history() {
      return revisions.parse(JSON.parse((await orNone(['history', release, ...at, '--output', 'json'])) ?? '[]'));
    },
    async manifest() {
      return (await orNone(['get', 'manifest', release, ...at])) ?? '';
    },
    async plan() {
      const answer = await programs.ask('helm', [...upgrade, '--dry-run=server', '--output', 'json']);
      return z.object({ manifest: z.string() }).parse(JSON.parse(answer)).manifest;
    },
    async upgrade(signal) {
      const goBack = isHelm3 ? '--atomic' : '--rollback-on-failure';
      return await programs.run('helm', [...upgrade, '--wait', goBack, ...timeout], { timeoutMs, signal });
    },
    async test(signal) {
      return await programs.run('helm', ['test', release, ...at, ...timeout], { timeoutMs, signal });
    },
    async rollback(revision, { wait }) {
      const args = ['rollback', release, String(revision), ...at, ...(wait ? ['--wait', ...timeout] : [])];
      await programs.ask('helm', args, { timeoutMs });
    },
    async uninstall() {
      await programs.ask('helm', ['uninstall', release, ...at, '--wait', ...timeout], { timeoutMs });
    },
  };
}

function valuesOf({ values, image, set }: ReleaseOptions): string[] {
  return [
    ...values.flatMap((file) => ['--values', file]),
    ...[...imageValues(image), ...set].flatMap((one) => ['--set', one]),
  ];
}

function imageValues(image: string | undefined): string[] {
  if (image === undefined) return [];
  const [, repository = image, digest = ''] = /^(.+)@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
  return [`image.repository=${repository}`, `image.digest=${digest}`];
}
