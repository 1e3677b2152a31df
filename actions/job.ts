import * as core from '@actions/core';
import type { AnnotationProperties } from '@actions/core';
import { CleaverError, messageOf } from '../pipelines/core/errors.ts';

/** GitHub shows so many annotations of a level for each step and drops the others without a word. */
const MAX_ANNOTATIONS = 10;
/** GitHub drops the whole summary of a step when it is larger. */
const MAX_SUMMARY_BYTES = 1024 * 1024;
const MAX_CAUSES = 5;

export type Level = 'error' | 'warning' | 'notice';

/** What a running action tells: the log at once, annotations and the summary at its end, also when it failed. */
export interface Job {
  /** A line in the log. */
  line(text: string): void;
  /** Markdown for the job's summary page. */
  summarize(markdown: string): void;
  /** Up to ten of a level are shown; the summary says how many were not. The worst come first. */
  annotate(level: Level, message: string, where?: AnnotationProperties): void;
  /** Keeps a value out of log, annotations and summary. */
  hide(secret: string): void;
  /** What is to be ended when the job is cancelled. */
  onCancel(work: () => Promise<void>): void;
}

/** A job, and what only {@link import('./run-action.ts').runAction} does with it. */
interface OpenJob extends Job {
  /** Tells an error; answers the exit status. Where `matters` is false it is a warning, and the status is 0. */
  fail(thrown: unknown, matters: boolean): number;
  cancel(signal: string): Promise<void>;
  /** Shows the annotations and writes the summary. Never throws. */
  close(): Promise<void>;
}

/** The job of this process. Passwords in the URLs of the environment are hidden from the start. */
export function openJob(): OpenJob {
  const summary: string[] = [];
  const secrets = new Set<string>();
  const annotations: Record<Level, [string, AnnotationProperties][]> = { error: [], warning: [], notice: [] };
  const cancelled: (() => Promise<void>)[] = [];
  const redact = (text: string) =>
    // The longest first: one may be part of another.
    [...secrets].sort((a, b) => b.length - a.length).reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
  const job: OpenJob = {
    line(text) {
      core.info(redact(text));
    },
    summarize(markdown) {
      summary.push(markdown);
    },
    annotate(level, message, where = {}) {
      annotations[level].push([message, where]);
    },
    hide(secret) {
      for (const form of formsOf(secret)) {
        secrets.add(form);
        core.setSecret(form);
      }
    },
    onCancel(work) {
      cancelled.push(work);
    },
    fail(thrown, matters) {
      const isOurs = !(thrown instanceof CleaverError);
      const { title, message } = describeThrown(thrown);
      if (isOurs) job.line(thrown instanceof Error ? (thrown.stack ?? message) : message);
      // First of all: it is what a person looks for.
      annotations[matters ? 'error' : 'warning'].unshift([message, { title }]);
      summary.unshift(`### ${matters ? '❌' : '⚠️'} ${title}\n\n${fence(message)}\n`);
      if (!matters) return 0;
      core.setOutput('error', redact(`${title}: ${message}`));
      return isOurs ? 1 : 2;
    },
    async cancel(signal) {
      summary.unshift(
        `### ⏹️ Cancelled (${signal})\n\nWhat was half-done is swept by the next run; run the job again.\n`,
      );
      job.line(`Cancelled (${signal}).`);
      await Promise.allSettled(cancelled.map((work) => work()));
    },
    async close() {
      for (const level of ['error', 'warning', 'notice'] as const) {
        const all = annotations[level];
        for (const [message, where] of all.slice(0, MAX_ANNOTATIONS)) core[level](redact(message), where);
        if (all.length <= MAX_ANNOTATIONS) continue;
        summary.push(
          `_${all.length - MAX_ANNOTATIONS} more ${level}s are not annotated: GitHub shows ${MAX_ANNOTATIONS}._\n`,
        );
      }
      const path = process.env['GITHUB_STEP_SUMMARY'];
      if (path === undefined || path === '' || summary.length === 0) return;
      await core.summary
        .addRaw(cutSummary(redact(summary.join('\n'))))
        .write()
        .catch((error: unknown) => {
          core.warning(`The summary could not be written: ${messageOf(error)}`);
        });
    },
  };
  for (const url of Object.values(process.env)) job.hide(passwordIn(url ?? ''));
  return job;
}

/** A summary that GitHub takes: whole lines up to its limit, and a word where it was cut. */
export function cutSummary(markdown: string, maxBytes = MAX_SUMMARY_BYTES): string {
  if (Buffer.byteLength(markdown) <= maxBytes) return markdown;
  const note = `\n\n_Cut here: GitHub takes ${maxBytes} bytes. The log has everything._\n`;
  const room = Buffer.from(markdown).subarray(0, Math.max(0, maxBytes - Buffer.byteLength(note)));
  return `${room.subarray(0, Math.max(0, room.lastIndexOf('\n'))).toString('utf8')}${note}`;
}

/** An error for its reader: the code as title, what and why with the causes, what to do. */
export function describeThrown(thrown: unknown): { title: string; message: string } {
  const message = [messageOf(thrown), ...causesOf(thrown)].join('\n');
  if (thrown instanceof CleaverError) return { title: thrown.code, message: `${message}\nWhat to do: ${thrown.hint}` };
  return {
    title: 'BUG',
    message: `${message}\nWhat to do: this is a bug of Cleaver's. Report it with the lines of the log as an issue of the repository.`,
  };
}

function causesOf(thrown: unknown): string[] {
  const causes: string[] = [];
  const said = [messageOf(thrown)];
  for (let cause = causeOf(thrown); cause !== undefined && causes.length < MAX_CAUSES; cause = causeOf(cause)) {
    const message = messageOf(cause);
    // Many messages repeat their cause already.
    if (said.some((earlier) => earlier.includes(message))) continue;
    said.push(message);
    causes.push(`Caused by: ${message}`);
  }
  return causes;
}

function causeOf(thrown: unknown): unknown {
  if (thrown instanceof AggregateError && thrown.cause === undefined) return thrown.errors[0];
  return thrown instanceof Error ? thrown.cause : undefined;
}

/** A code block that its content cannot end. */
export function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}text\n${text}\n${marks}`;
}

/** A secret as it stands, and as URLs and headers carry it; anything shorter than 4 would hide half of the log. */
function formsOf(secret: string): string[] {
  const forms = [secret, ...secret.split(/\r?\n/), encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  return forms.filter((form) => form.trim().length >= 4);
}

function passwordIn(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/@:]*:([^@]+)@/i.exec(text)?.[1] ?? '';
}
