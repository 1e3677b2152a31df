import { z } from 'zod';
import { CleaverError } from '../../../pipelines/core/errors.ts';
import { explainFailure } from '../explain-failure.ts';
import { pause } from '../pause.ts';
import type { Ended, Programs } from '../programs.ts';

export interface LockOptions {
  release: string;
  namespace: string;
  /** Who we are, for people and apart from everybody else. */
  holder: string;
  /** How long to wait for another to end. */
  waitMs: number;
  onWait: (holder: string) => void;
  limits?: LockLimits;
}

export interface LockLimits {
  /** After so long without being renewed it is anybody's. */
  leaseMs: number;
  renewMs: number;
  lookMs: number;
}

export interface Lock {
  /** Aborted when somebody else has it, or it could not be renewed in time. */
  lost: AbortSignal;
  /** Gives it back. Never throws: what is not given back runs out. */
  free(): Promise<void>;
}

const LIMITS: LockLimits = { leaseMs: 30_000, renewMs: 10_000, lookMs: 2_000 };

const leaseSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z.object({ holderIdentity: z.string().optional(), leaseDurationSeconds: z.number().default(30) }),
});

type Lease = z.output<typeof leaseSchema>;

/**
 * Takes the release for us: a Lease object in its namespace, which works across runners. One that was not renewed for as
 * long as it says, by our own clock, is taken over. Errors: RELEASE_BUSY after `waitMs`, and those of kubectl.
 */
export async function takeLock(programs: Programs, options: LockOptions): Promise<Lock> {
  const { release, waitMs, onWait, limits = LIMITS } = options;
  const until = performance.now() + waitMs;
  let seen = { version: '', at: 0 };
  let told = '';
  for (;;) {
    const lease = await findOrCreate(programs, options);
    const { resourceVersion: version } = lease.metadata;
    const other = lease.spec.holderIdentity ?? '';
    if (other === options.holder) return hold(programs, options, lease, limits);
    if (seen.version !== version) seen = { version, at: performance.now() };
    const isFree = other === '' || performance.now() - seen.at > lease.spec.leaseDurationSeconds * 1000;
    if (isFree) {
      const taken = await write(programs, 'replace', leaseOf(options, lease));
      if (taken.status === 0) return hold(programs, options, parseLease(taken.stdout), limits);
      // Another was quicker.
      if (!isConflict(taken)) throw explainFailure('kubectl', ['replace'], taken);
    } else if (performance.now() >= until) {
      throw new CleaverError('RELEASE_BUSY', `${release} is being released by another run: ${other}`, {
        hint: 'Wait until it has ended, then run the job again; one that was killed gives way after half a minute.',
      });
    } else if (told !== other) {
      told = other;
      onWait(other);
    }
    await pause(limits.lookMs);
  }
}

function hold(programs: Programs, options: LockOptions, lease: Lease, { leaseMs, renewMs }: LockLimits): Lock {
  const [lost, freed] = [new AbortController(), new AbortController()];
  let current = lease;
  let renewedAt = performance.now();
  const renewing = (async () => {
    while (!lost.signal.aborted) {
      await pause(renewMs, freed.signal);
      if (freed.signal.aborted) return;
      const renewed = await write(programs, 'replace', leaseOf(options, current));
      if (renewed.status === 0) {
        current = parseLease(renewed.stdout);
        renewedAt = performance.now();
      } else if (isConflict(renewed) || performance.now() - renewedAt > leaseMs) lost.abort();
    }
  })();
  return {
    lost: lost.signal,
    async free() {
      freed.abort();
      await renewing;
      await write(programs, 'replace', leaseOf({ ...options, holder: '' }, current));
    },
  };
}

async function findOrCreate(programs: Programs, options: LockOptions): Promise<Lease> {
  const created = await write(programs, 'create', leaseOf(options, undefined));
  if (created.status === 0) return parseLease(created.stdout);
  if (!created.stderr.includes('(AlreadyExists)')) throw explainFailure('kubectl', ['create'], created);
  const { namespace } = options;
  const get = ['get', 'lease', nameOf(options), '--namespace', namespace, '--output', 'json'];
  return parseLease(await programs.ask('kubectl', get));
}

async function write(programs: Programs, verb: 'create' | 'replace', lease: object): Promise<Ended> {
  const args = [verb, '--filename', '-', '--output', 'json', '--request-timeout', '10s'];
  return await programs.run('kubectl', args, { input: JSON.stringify(lease), timeoutMs: 15_000 });
}

function leaseOf(options: LockOptions, found: Lease | undefined): object {
  const { namespace, holder, limits = LIMITS } = options;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: nameOf(options), namespace, resourceVersion: found?.metadata.resourceVersion },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: Math.ceil(limits.leaseMs / 1000),
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  };
}

function nameOf({ release }: LockOptions): string {
  return `${release}-release`;
}

function parseLease(text: string): Lease {
  return leaseSchema.parse(JSON.parse(text));
}

function isConflict({ stderr }: Ended): boolean {
  return stderr.includes('(Conflict)');
}
