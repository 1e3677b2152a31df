import path from 'node:path';
import type { Plugin } from 'vitest/config';
import type { ExceptionTestOptions } from './options.ts';
import { watchPlainRun } from './run/plain-run.ts';
import type { SourceFile } from './run/sources.ts';

export const PLUGIN = 'exception-test';
/** Set while the command runs vitest: then the command says what is woven, and the plugin does nothing by itself. */
export const COMMANDED = 'EXCEPTION_TEST_COMMANDED';
/** Names of projects, parted by commas, whose plain run is remembered, so that the command need not run their tests again. */
export const REMEMBER = 'EXCEPTION_TEST_REMEMBER';
// `.ts` here, `.js` in the package.
const SETUP = path.join(import.meta.dirname, 'runtime', `setup${path.extname(import.meta.filename)}`);

/** What the plugin shows of itself in `api`, for whoever runs the tests. */
export interface Weaver {
  options: ExceptionTestOptions;
  /** The source of an absolute path. Until it is set, nothing is woven. */
  sourceOf: ((file: string) => SourceFile | undefined) | undefined;
}

/**
 * The vitest plugin: counts the error paths that tests reach, and lets level 2 switch them off. One line in vitest's
 * configuration: `plugins: [exceptionTest()]`.
 */
export function exceptionTest(options: ExceptionTestOptions = {}): Plugin {
  const weaver: Weaver = { options, sourceOf: undefined };
  const isActive = COMMANDED in process.env || (options.onPlainRun ?? true);
  return {
    name: PLUGIN,
    // Before anything else changes the text: lines and columns are those of the source.
    enforce: 'pre',
    api: weaver,
    configureVitest({ vitest, project, defineCacheKeyGenerator }) {
      // vitest keeps transformed modules on the disk; a woven one is another than the plain one.
      defineCacheKeyGenerator(({ id }) => weaver.sourceOf?.(withoutQuery(id))?.woven?.hash);
      const isRemembered = process.env[REMEMBER]?.split(',').includes(project.name) ?? false;
      if (!isActive && !isRemembered) return;
      // First, as other setup files may run error paths too.
      if (!project.config.setupFiles.includes(SETUP)) project.config.setupFiles.unshift(SETUP);
      if (!(COMMANDED in process.env)) watchPlainRun(vitest, project, weaver, { isJudged: isActive, isRemembered });
    },
    transform(code, id) {
      const found = weaver.sourceOf?.(withoutQuery(id));
      if (found?.woven === undefined || found.text !== code) return null;
      return { code: found.woven.text, map: found.woven.map() };
    },
  };
}

function withoutQuery(id: string): string {
  return id.replace(/[?#].*$/, '');
}
