import path from 'node:path';
import { certificateExpiry } from '../adapters/certificate.ts';
import { homeAt, type Home } from '../adapters/home.ts';
import { withModelLock } from '../adapters/lock.ts';
import { stampCertificate, stampTask } from '../adapters/state-metrics-stamps.ts';
import { writeStateMetrics } from '../adapters/state-metrics.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
import type { PersonConsole } from './console.ts';
import type { Answer, Options } from './program.ts';

/** What another `metrics` meets; no model has such a name. */
const LOCK = 'state_metrics';

/**
 * Writes what monitoring reads of the state, after noting that a task is done (`--done`) and until when the certificate of
 * CLEAVER_PUBLIC_URL is good. Errors: OPTION_INVALID, BUSY, DISK_FULL, DISK_FAILED, STATE_UNWRITABLE.
 */
export async function metrics(options: Options, console: PersonConsole): Promise<Answer> {
  const home = homeAt();
  const url = publicUrl();
  const task = options['done'] as string | undefined;
  const lock = { verb: 'metrics', waitMs: Number(options['wait']) * 1000 };
  return await withModelLock(home, LOCK, lock, async () => {
    const work = path.join(home.work, LOCK);
    if (task !== undefined) await stampTask(home, task, new Date(), work);
    const certificate = url && (await lookAtCertificate(home, url, work));
    if (certificate?.problem !== undefined)
      console.line(`No certificate of ${certificate.host}: ${certificate.problem}`);
    const { file, series, models } = await writeStateMetrics(home, work);
    return {
      json: { outcome: 'done', file, series, models, task, certificate },
      text: `${file}: ${series} values, models: ${models.join(', ') || 'none yet'}`,
    };
  });
}

interface SeenCertificate {
  host: string;
  expires?: string;
  /** Why it could not be seen; what is known from before stays. */
  problem?: string;
}

async function lookAtCertificate(home: Home, url: URL, work: string): Promise<SeenCertificate> {
  const { host } = url;
  try {
    const expires = (await certificateExpiry(url)).toISOString();
    await stampCertificate(home, { host, expires, checked: new Date().toISOString() }, work);
    return { host, expires };
  } catch (error) {
    return { host, problem: messageOf(error) };
  }
}

/** CLEAVER_PUBLIC_URL, where it is an address with a certificate. */
function publicUrl(): URL | undefined {
  const text = process.env['CLEAVER_PUBLIC_URL'] ?? '';
  if (text === '') return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CleaverError('OPTION_INVALID', `CLEAVER_PUBLIC_URL is no address: ${text}`, {
      hint: 'Set it to the address that clients use, e.g. https://cleaver.example.com, or leave it out.',
    });
  }
  return url.protocol === 'https:' ? url : undefined;
}
