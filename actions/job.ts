import * as core from '@actions/core';
import type { AnnotationProperties } from '@actions/core';
import { CleaverError, messageOf } from '../pipelines/core/errors.ts';
import { describeThrown, stackOf } from './describe-thrown.ts';
import { openSecrets } from './secrets.ts';
import { cutSummary, fence } from './summary.ts';

/** GitHub shows so many annotations of a level for each step and drops the others without a word. */
const MAX_ANNOTATIONS = 10;
/** The runner cuts a longer one at 4,096. */
const MAX_ANNOTATION_LENGTH = 4_000;
/** A cancelled process is killed 10 s after its first signal. */
const CANCEL_LIMIT_MS = 5_000;

export type Level = 'error' | 'warning' | 'notice';

/** What a running action tells: the log at once, annotations and the summary at its end, also when it failed. */
export interface Job {
  /** A line in the log. */
  line(text: string): void;
  /** Markdown for the job's summary page. */
  summarize(markdown: string): void;
  /** Up to ten of a level are shown; the summary says how many were not. The worst come first. */
  annotate(level: Level, message: string, where?: AnnotationProperties): void;
  /** Keeps a value out of log, annotations, outputs and summary. */
  hide(secret: string): void;
  /**
   * Sets outputs; what is undefined is left out. What a step answers is set by itself: this is for one that fails and has
   * something to hand on. Error: OPTION_INVALID when the runner's file cannot be written.
   */
  setOutputs(outputs: Record<string, unknown>): void;
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
  const secrets = openSecrets();
  const summary: string[] = [];
  const annotations: Record<Level, [string, AnnotationProperties][]> = { error: [], warning: [], notice: [] };
  const cancelled: (() => Promise<void>)[] = [];
  const job: OpenJob = {
    hide(secret) {
      secrets.hide(secret);
    },
    line(text) {
      core.info(harmless(secrets.redact(text)));
    },
    summarize(markdown) {
      summary.push(markdown);
    },
    annotate(level, message, where = {}) {
      annotations[level].push([message, where]);
    },
    onCancel(work) {
      cancelled.push(work);
    },
    setOutputs(outputs) {
      for (const [name, value] of Object.entries(outputs)) {
        if (value !== undefined)
          setOutput(name, secrets.redact(typeof value === 'string' ? value : JSON.stringify(value)));
      }
    },
    fail(thrown, matters) {
      const { title, message: said } = describeThrown(thrown);
      const message = matters ? said : `${said}\nThe result of the job stands: this is a warning only.`;
      const isOurs = !(thrown instanceof CleaverError);
      if (isOurs) job.line(stackOf(thrown));
      // First of all: it is what a person looks for.
      annotations[matters ? 'error' : 'warning'].unshift([message, { title }]);
      summary.unshift(`### ${matters ? '❌' : '⚠️'} ${title}\n\n${fence(message)}\n`);
      try {
        job.setOutputs({ error: `${title}: ${message}` });
      } catch (error) {
        // The error at hand is the one to tell.
        annotations.warning.push([messageOf(error), {}]);
      }
      return matters ? (isOurs ? 1 : 2) : 0;
    },
    async cancel(signal) {
      summary.unshift(
        `### ⏹️ Cancelled (${signal})\n\nWhat was half-done is swept by the next run; run the job again.\n`,
      );
      job.line(`Cancelled (${signal}).`);
      const limit = new Promise((resolve) => setTimeout(resolve, CANCEL_LIMIT_MS));
      const ends = cancelled.map(async (work) => {
        await work();
      });
      await Promise.race([Promise.allSettled(ends), limit]);
    },
    async close() {
      for (const level of ['error', 'warning', 'notice'] as const) {
        const all = annotations[level];
        for (const [message, where] of all.slice(0, MAX_ANNOTATIONS)) {
          const title = where.title === undefined ? {} : { title: secrets.redact(where.title) };
          showAnnotation(job, level, secrets.redact(message), { ...where, ...title });
        }
        if (all.length <= MAX_ANNOTATIONS) continue;
        summary.push(
          `_${all.length - MAX_ANNOTATIONS} more ${level}s are not annotated: GitHub shows ${MAX_ANNOTATIONS}._\n`,
        );
      }
      if (summary.length > 0) await writeSummary(job, secrets.redact(summary.join('\n')));
    },
  };
  return job;
}

function showAnnotation(job: Job, level: Level, message: string, where: AnnotationProperties): void {
  if (message.length <= MAX_ANNOTATION_LENGTH) {
    core[level](message, where);
    return;
  }
  job.line(message);
  core[level](`${message.slice(0, MAX_ANNOTATION_LENGTH)}…\nCut here; the log has the whole.`, where);
}

async function writeSummary(job: Job, whole: string): Promise<void> {
  if ((process.env['GITHUB_STEP_SUMMARY'] ?? '') === '') return;
  const markdown = cutSummary(whole);
  if (markdown !== whole) job.line(whole);
  try {
    await core.summary.addRaw(markdown).write();
  } catch (error) {
    core.warning(`The summary could not be written: ${messageOf(error)}`);
  }
}

function setOutput(name: string, value: string): void {
  try {
    core.setOutput(name, value);
  } catch (error) {
    throw new CleaverError('OPTION_INVALID', `The output ${name} cannot be written: ${messageOf(error)}.`, {
      hint: "GITHUB_OUTPUT must name a file that can be written; the runner makes it. Look at the runner's disk.",
      cause: error,
    });
  }
}

/** The runner takes a line that begins with `::`, or has `##[` in it, for a command; what others wrote must not be one. */
function harmless(text: string): string {
  return text.replaceAll(/^([\s\u0085]*):(?=:)/gm, '$1:\u200b').replaceAll('##[', '#\u200b#[');
}
