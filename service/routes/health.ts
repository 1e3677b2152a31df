import { Hono } from 'hono';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';
import type { ServedModels } from '../models/served-models.ts';

/**
 * `ready` is true when every registered model answers requests, if only by an older version than its champion, and the
 * server is not about to end.
 */
export interface Readiness {
  ready: boolean;
  /** Why it is not ready, or what is wrong although it is. */
  reasons: string[];
  models: { model: string; version?: string | undefined; problem?: Problem | undefined }[];
}

interface Problem {
  code?: string;
  message: string;
  hint?: string;
}

/** What readiness hangs on. */
export type ReadinessSource = Pick<ServedModels, 'statuses' | 'registryProblem'> &
  Partial<Pick<ServedModels, 'isStarting' | 'isEnding'>>;

/** The state of all models, for probes and people. */
export function readinessOf(models: ReadinessSource): Readiness {
  const states = models.statuses().map(({ model, serving, problem }) => ({
    model,
    version: serving?.version,
    problem: problem === undefined ? undefined : problemOf(problem),
  }));
  const reasons = states.flatMap(({ model, version, problem }) => {
    if (problem === undefined) return [];
    return [version === undefined ? problem.message : `${model} goes on with ${version}: ${problem.message}`];
  });
  if (models.registryProblem !== undefined) reasons.push(messageOf(models.registryProblem));
  else if (models.isStarting === true) reasons.push('starting: the models are being loaded.');
  else if (states.length === 0) reasons.push('No model is registered yet.');
  if (models.isEnding === true) reasons.unshift('ending: what still comes is answered, but ask another server.');
  const isServing = states.length > 0 && states.every((state) => state.version !== undefined);
  return { ready: isServing && models.isStarting !== true && models.isEnding !== true, reasons, models: states };
}

/** `GET /livez` and `GET /readyz` (503 with reasons while a registered model cannot answer, or the server is ending). */
export function healthRoutes(models: ReadinessSource): Hono {
  const routes = new Hono();
  routes
    .get('/livez', (context) => context.json({ live: true }))
    .get('/readyz', (context) => {
      const readiness = readinessOf(models);
      return context.json(readiness, readiness.ready ? 200 : 503);
    });
  return routes;
}

function problemOf(thrown: unknown): Problem {
  if (!(thrown instanceof CleaverError)) return { message: messageOf(thrown) };
  return { code: thrown.code, message: thrown.message, hint: thrown.hint };
}
