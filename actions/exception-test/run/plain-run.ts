import path from 'node:path';
import { styleText } from 'node:util';
import type { Reporter, TestModule, TestProject, TestSpecification, Vitest } from 'vitest/node';
import { judge } from '../gate/judge.ts';
import { observedFailures } from '../gate/observed.ts';
import type { ExceptionTestOptions } from '../options.ts';
import type { Weaver } from '../plugin.ts';
import { countAll } from '../report/counts.ts';
import { describeFailures } from '../report/failures.ts';
import { headline } from '../report/summary.ts';
import { ORDERS } from '../runtime/orders.ts';
import { holdBaseline, knownBefore } from './hold-baseline.ts';
import { readImportGraph } from './import-graph.ts';
import { openMemory } from './memory.ts';
import { cacheFolder, openSession, type OpenSession } from './open-session.ts';
import { type Notes, readNotes } from './read-notes.ts';
import { outcomesOf, type Uncaught } from './run-tests.ts';
import { seenPaths, swallowable } from './seen-paths.ts';
import { readSources, type SourceFile } from './sources.ts';
import { versionOf } from './version.ts';

interface PlainRun {
  sources: Map<string, SourceFile>;
  session: OpenSession;
  options: ExceptionTestOptions;
  isJudged: boolean;
  /** Projects whose counts are kept for the command. */
  remembered: Set<string>;
}

const runs = new WeakMap<Vitest, PlainRun>();

/**
 * Counts while people or scripts run vitest as they always do, and judges by level 1 at the end, or keeps what it has
 * counted for the command. Not in watch mode.
 */
export function watchPlainRun(
  vitest: Vitest,
  project: TestProject,
  weaver: Weaver,
  { isJudged, isRemembered }: { isJudged: boolean; isRemembered: boolean },
): void {
  if (vitest.config.watch) return;
  const { root } = vitest.config;
  const run = runs.get(vitest) ?? begin(vitest, weaver.options, isJudged);
  if (isRemembered) run.remembered.add(project.name);
  weaver.sourceOf = (file) => run.sources.get(path.relative(root, file).replaceAll(path.sep, '/'));
  project.provide(ORDERS, { session: run.session.file, project: project.name, mutants: {}, limitsMs: {} });
}

function begin(vitest: Vitest, options: ExceptionTestOptions, isJudged: boolean): PlainRun {
  const { root } = vitest.config;
  const sources = new Map(readSources(root, options));
  const run: PlainRun = {
    sources,
    session: openSession(root, sources, swallowable(sources, today(), knownBefore(root, options))),
    ...{ options, isJudged, remembered: new Set<string>() },
  };
  runs.set(vitest, run);
  vitest.config.reporters.push(reporterOf(vitest, run));
  return run;
}

function reporterOf(vitest: Vitest, run: PlainRun): Reporter {
  const { sources, session, options, isJudged } = run;
  let isWhole = false;
  return {
    async onTestRunStart(specifications: readonly TestSpecification[]) {
      const all = await vitest.globTestSpecifications();
      const { testNamePattern, shard } = vitest.config;
      isWhole = testNamePattern === undefined && shard === undefined && specifications.length >= all.length;
    },
    onTestRunEnd(modules, uncaught) {
      const notes = readNotes(session.notes);
      session.close();
      remember(vitest, run, notes, modules, uncaught);
      if (!isJudged) return;
      // Red tests come first; what they did not reach is no news.
      if (modules.some((module) => module.state() === 'failed')) return;
      const { tested, failures } = judge({
        level: 1,
        today: today(),
        // Part of the tests reaches part of the paths.
        seen: isWhole ? seenPaths(sources, notes, []) : [],
        observed: observedFailures(sources, notes),
        waivers: [...sources.values()].flatMap(({ waivers }) => waivers),
        broken: [...sources.values()].flatMap(({ brokenWaivers }) => brokenWaivers),
        thresholds: options.thresholds,
      });
      const file = options.baseline === undefined ? undefined : path.join(vitest.config.root, options.baseline);
      const known = file === undefined || !isWhole ? failures : holdBaseline(file, failures, 'hold', { level: 1 });
      // What a waiver is for may be in the part that was not run.
      const left = isWhole ? known : known.filter(({ reason }) => reason !== 'waiver-unused');
      if (left.length > 0) process.exitCode = 1;
      const result = { level: 1 as const, ...countAll(tested), tested, failures: left, seconds: {} };
      if (left.length > 0) vitest.logger.error(`\n${describeFailures(result)}`);
      if (isWhole || left.length > 0) vitest.logger.log(`${styleText('bold', ' Error paths')}  ${headline(result)}\n`);
    },
  };
}

function remember(
  { config: { root } }: Vitest,
  { options, remembered }: PlainRun,
  notes: Notes,
  modules: readonly TestModule[],
  uncaught: readonly Uncaught[],
): void {
  if (remembered.size === 0) return;
  const run = modules
    .filter(({ project }) => remembered.has(project.name))
    .map((testModule) => ({ project: testModule.project, moduleId: testModule.moduleId, testModule }));
  const memory = openMemory(cacheFolder(root), versionOf({ options }), readImportGraph(root));
  memory.remember({ notes, files: outcomesOf(run, { root, uncaught }) });
  memory.save();
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
