import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Logger } from 'pino';
import { messageOf } from '../core/errors.ts';
import { redact } from '../core/redaction.ts';
import type { RunRecord, Step } from '../core/run-record.ts';
import { ecsLogger, errorFields, type LogLevel } from './ecs-log.ts';
import type { Home } from './home.ts';
import { appendRotated } from './rotated-file.ts';

/** A command that is logged. */
export interface LoggedCommand {
  home: Pick<Home, 'logs'>;
  /** What was asked for: a step's name, or `loop`. */
  verb: string;
  /** One model with the column beside whose name a person's id may stand; undefined: the command is for all models. */
  model?: { name: string; manifest: { entity: string } } | undefined;
  /** Hears, once at most, why the log cannot be written. */
  tell: (text: string) => void;
}

/** What the command at work tells its log. */
export interface CommandLog {
  /** What is said to the person who waits. */
  progress(text: string): void;
}

interface OpenLog extends CommandLog {
  runStarts(id: string, step: Step): (run: RunRecord) => void;
  ended(outcome: string | undefined): void;
  failed(error: unknown): void;
}

/** The log of the command at work: run records are made deep in the steps, which need not know of it. */
const commands = new AsyncLocalStorage<OpenLog>();

const LEVELS: ReadonlySet<string> = new Set<LogLevel>(['trace', 'debug', 'info', 'warn', 'error', 'silent']);

/**
 * Runs a command and writes into `logs/pipeline.log` what becomes of it: a line for each run record that it makes, one when
 * it has ended or failed, and at `debug` what it says on the way. A log that cannot be written stops nothing.
 *
 * It is a file, not stderr: steps run for a moment, from a shell or in a workflow's job, where nobody collects stderr, and
 * both rsyslog and Fluent Bit follow a file and remember how far they have read when they were down.
 */
export async function withPipelineLog<T>(command: LoggedCommand, work: (log: CommandLog) => Promise<T>): Promise<T> {
  const log = openLog(command);
  try {
    const result = await commands.run(log, () => work(log));
    log.ended(outcomeOf(result));
    return result;
  } catch (error) {
    log.failed(error);
    throw error;
  }
}

/** Tells the log of the command at work that a run begins; answers how to tell it of its record. */
export function logRun(id: string, step: Step): (run: RunRecord) => void {
  return commands.getStore()?.runStarts(id, step) ?? (() => undefined);
}

function openLog({ home, verb, model, tell }: LoggedCommand): OpenLog {
  const started = performance.now();
  const logger = openLogger(path.join(home.logs, 'pipeline.log'), tell);
  const names = model === undefined ? [] : [model.manifest.entity];
  const about = model === undefined ? verb : `${verb} of ${model.name}`;
  // By this id a command's lines are found together, as by a request's those of the service.
  const command = {
    'trace.id': randomUUID(),
    'event.dataset': 'cleaver.pipeline',
    'labels.model': model?.name,
    'labels.workflow_run': process.env['GITHUB_RUN_ID'],
  };
  const atWork = new Map<string, Step>();
  const duration = () => Math.round((performance.now() - started) * 1e6);
  return {
    progress(text) {
      logger.debug({ ...command, 'event.action': 'progress', 'labels.step': verb }, redact(text, names));
    },
    runStarts(id, step) {
      atWork.set(id, step);
      return (run) => {
        atWork.delete(id);
        logger.info({ ...command, ...runFields(run) }, `${step} of ${run.model}: ${run.outcome}`);
      };
    },
    ended(outcome = 'done') {
      const fields = { 'event.action': 'command-done', 'event.outcome': 'success', 'cleaver.outcome': outcome };
      logger.info({ ...command, ...fields, 'event.duration': duration(), 'labels.step': verb }, `${about}: ${outcome}`);
    },
    failed(error) {
      // The first that has not ended: those after it were tried in spite of its error.
      const [[runId, step] = [undefined, verb]] = atWork;
      const fields = { 'event.action': 'command-failed', 'event.outcome': 'failure', 'event.duration': duration() };
      const labels = { 'labels.step': step, 'labels.run_id': runId };
      logger.error({ ...command, ...fields, ...labels, ...errorFields(error, names) }, `${about} failed`);
    },
  };
}

/** Field by field: a step's result and its inputs do not get into the log. */
function runFields({ id, step, model, asOf, outcome, durationMs }: RunRecord) {
  return {
    'event.action': 'run-done',
    'event.outcome': 'success',
    'event.duration': Math.round(durationMs * 1e6),
    'labels.model': model,
    'labels.step': step,
    'labels.run_id': id,
    'labels.as_of': asOf,
    'cleaver.outcome': outcome,
  };
}

/** The step's own word for how it ended; anything else that an answer may have under that name stays out. */
function outcomeOf(result: unknown): string | undefined {
  const { outcome } = Object(result) as { outcome?: unknown };
  return typeof outcome === 'string' && /^[a-z-]{1,40}$/.test(outcome) ? outcome : undefined;
}

function openLogger(file: string, tell: (text: string) => void): Logger {
  let isWell = true;
  const write = (line: string) => {
    if (!isWell) return;
    try {
      appendRotated(file, line);
    } catch (error) {
      isWell = false;
      tell(`The log ${file} cannot be written (${messageOf(error)}); the work goes on without it.`);
    }
  };
  return ecsLogger(levelOf(process.env['CLEAVER_LOG_LEVEL']), { write });
}

/** The service refuses another word; a step is not held up by it. */
function levelOf(text: string | undefined): LogLevel {
  return text !== undefined && LEVELS.has(text) ? (text as LogLevel) : 'info';
}
