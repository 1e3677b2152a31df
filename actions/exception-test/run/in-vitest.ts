import path from 'node:path';
import type { TestSpecification } from 'vitest/node';
import { ExceptionTestError } from '../failure.ts';
import { knownBefore } from './hold-baseline.ts';
import { openSession, type OpenSession } from './open-session.ts';
import { openVitest, type OpenVitest } from './open-vitest.ts';
import type { Settings } from './run-settings.ts';
import { swallowable } from './seen-paths.ts';
import { readSources, type Sources } from './sources.ts';

/** A warm vitest with woven sources. */
export interface Run {
  open: OpenVitest;
  sources: Sources;
  session: OpenSession;
  specifications: readonly TestSpecification[];
}

/**
 * Opens vitest, weaves the sources (read from the disk where none are given), and closes all of it afterwards.
 * Errors: VITEST_MISSING, PLUGIN_MISSING, SOURCES_MISSING, TESTS_MISSING.
 */
export async function inVitest<T>(
  { root, projects, reporter = {}, filters, today }: Settings,
  given: Sources | undefined,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const open = await openVitest(root, projects, reporter);
  try {
    const specifications = (await open.specifications()).filter(
      ({ moduleId }) => filters.length === 0 || filters.some((part) => relativeTo(open.root, moduleId).includes(part)),
    );
    if (specifications.length === 0) throw testsMissing(open.root);
    const sources = given ?? readSources(open.root, open.options);
    if (sources.size === 0) throw sourcesMissing(open.root);
    const session = openSession(open.root, sources, swallowable(sources, today, knownBefore(open.root, open.options)));
    try {
      for (const { weaver } of open.projects) weaver.sourceOf = (file) => sources.get(relativeTo(open.root, file));
      return await work({ open, sources, session, specifications });
    } finally {
      session.close();
    }
  } finally {
    await open.close();
  }
}

/** A file's path from the root, with slashes. */
export function relativeTo(root: string, file: string): string {
  return path.relative(root, file).replaceAll(path.sep, '/');
}

function testsMissing(root: string): ExceptionTestError {
  return new ExceptionTestError('TESTS_MISSING', `vitest finds no test in ${root}.`, {
    hint: 'Error paths are counted while tests run. Look at `include` and at the projects in the configuration of vitest.',
  });
}

function sourcesMissing(root: string): ExceptionTestError {
  return new ExceptionTestError('SOURCES_MISSING', `There is no source file in ${root} to look for error paths in.`, {
    hint: 'Look at `include` and `exclude` of the plugin; tests, configuration, generated and installed code are left out by themselves.',
  });
}
