import path from 'node:path';
import { placeText, readTextIfThere } from './files.ts';
import type { Home } from './home.ts';
import { sample, secondsOf, type Sample } from './state-metrics-names.ts';

/** How a command on a model ended last; run records tell of work alone, and not of a look that found none. */
export interface StepStamp {
  succeeded?: string;
  durationMs?: number;
  failed?: string;
}

/** A certificate of the public address, as it was seen last. */
export interface CertificateStamp {
  host: string;
  expires: string;
  checked: string;
}

/** By verb, what is known of the commands on a model. */
export async function readSteps(home: Home, model: string): Promise<Record<string, StepStamp>> {
  return await read(stepsFile(home, model), {});
}

/** Notes how a command ended. To be called under the model's lock. */
export async function stampStep(
  home: Home,
  model: string,
  verb: string,
  stamp: StepStamp,
  work: string,
): Promise<void> {
  const known = await readSteps(home, model);
  await write(stepsFile(home, model), { ...known, [verb]: { ...known[verb], ...stamp } }, work);
}

/** Notes that a task of somebody's own is done. */
export async function stampTask(home: Home, task: string, now: Date, work: string): Promise<void> {
  const known = await read(tasksFile(home), {});
  await write(tasksFile(home), { ...known, [task]: now.toISOString() }, work);
}

/** Keeps what was seen of a certificate, so that the next write still has it. */
export async function stampCertificate(home: Home, stamp: CertificateStamp, work: string): Promise<void> {
  await write(certificateFile(home), stamp, work);
}

/** What was noted of tasks and of the certificate. */
export async function stampSamples(home: Home): Promise<Sample[]> {
  const tasks = await read<Record<string, string>>(tasksFile(home), {});
  const certificate = await read<CertificateStamp | undefined>(certificateFile(home), undefined);
  const host = { host: certificate?.host ?? '' };
  return [
    ...Object.entries(tasks).flatMap(([task, done]) =>
      sample('cleaver_task_last_success_timestamp_seconds', secondsOf(done), { task }),
    ),
    ...sample('cleaver_certificate_expiry_timestamp_seconds', secondsOf(certificate?.expires), host),
    ...sample('cleaver_certificate_checked_timestamp_seconds', secondsOf(certificate?.checked), host),
  ];
}

/** Models of which a command has been noted have a file here. */
export function stepsFolder(home: Home): string {
  return path.join(home.metrics, 'steps');
}

function stepsFile(home: Home, model: string): string {
  return path.join(stepsFolder(home), `${model}.json`);
}

function tasksFile(home: Home): string {
  return path.join(home.metrics, 'tasks.json');
}

function certificateFile(home: Home): string {
  return path.join(home.metrics, 'certificate.json');
}

async function read<Content>(file: string, without: Content): Promise<Content> {
  const text = await readTextIfThere(file);
  return text === undefined ? without : (JSON.parse(text) as Content);
}

async function write(file: string, content: object, work: string): Promise<void> {
  await placeText(file, work, `${JSON.stringify(content, undefined, 2)}\n`);
}
