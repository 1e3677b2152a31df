import type { Cases } from './alert-case.ts';
import { MACHINE_CASES } from './machine.ts';
import { MODEL_CASES } from './model.ts';
import { MONITORING_CASES } from './monitoring.ts';
import { PIPELINE_CASES } from './pipeline.ts';
import { SERVICE_CASES } from './service.ts';

/** What each alert is tried on, by its name. */
export const CASES: Cases = {
  ...SERVICE_CASES,
  ...MACHINE_CASES,
  ...PIPELINE_CASES,
  ...MODEL_CASES,
  ...MONITORING_CASES,
};
