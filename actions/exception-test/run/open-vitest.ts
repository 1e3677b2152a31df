import { createRequire } from 'node:module';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type * as VitestNode from 'vitest/node';
import type { Reporter, TestProject, TestSpecification, Vitest } from 'vitest/node';
import { ExceptionTestError } from '../failure.ts';
import type { ExceptionTestOptions } from '../options.ts';
import { COMMANDED, PLUGIN, type Weaver } from '../plugin.ts';

/** A warm vitest that runs tests again and again. */
export interface OpenVitest {
  vitest: Vitest;
  root: string;
  options: ExceptionTestOptions;
  projects: readonly { project: TestProject; weaver: Weaver }[];
  /** All test files of the projects. */
  specifications(): Promise<TestSpecification[]>;
  close(): Promise<void>;
}

const nowhere = () =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });

/**
 * Opens the vitest of the project in `root`, whatever its configuration is.
 * Errors: VITEST_MISSING, PLUGIN_MISSING, OPTION_INVALID.
 */
export async function openVitest(root: string, projects: readonly string[], reporter: Reporter): Promise<OpenVitest> {
  const { createVitest } = await importVitest(root);
  process.env[COMMANDED] = '1';
  let vitest: Vitest;
  try {
    vitest = await createVitest(
      { root, watch: false, reporters: [reporter], coverage: { enabled: false }, bail: 0 },
      {},
      { stdout: nowhere(), stderr: nowhere() },
    );
    await vitest.standalone();
  } finally {
    Reflect.deleteProperty(process.env, COMMANDED);
  }
  const wanted = vitest.projects.filter(({ name }) => projects.length === 0 || projects.includes(name));
  const woven = wanted.map((project) => ({ project, weaver: weaverOf(project) }));
  const [first] = woven;
  const without = woven.find(({ weaver }) => weaver === undefined);
  if (first === undefined || without !== undefined) {
    await vitest.close();
    throw first === undefined ? unknownProject(projects, vitest) : pluginMissing(without?.project.name ?? '');
  }
  return {
    vitest,
    root: vitest.config.root,
    options: first.weaver?.options ?? {},
    projects: woven as OpenVitest['projects'],
    specifications: async () =>
      (await vitest.globTestSpecifications()).filter(({ project }) => wanted.includes(project)),
    close: () => vitest.close(),
  };
}

async function importVitest(root: string): Promise<typeof VitestNode> {
  try {
    const file = createRequire(path.join(root, 'package.json')).resolve('vitest/node');
    return (await import(pathToFileURL(file).href)) as typeof VitestNode;
  } catch (error) {
    throw new ExceptionTestError('VITEST_MISSING', `There is no vitest in ${root}.`, {
      hint: 'Error paths are counted while vitest runs the tests: `npm install --save-dev vitest`, or say with --root where the project is.',
      cause: error,
    });
  }
}

function weaverOf(project: TestProject): Weaver | undefined {
  return project.vite.config.plugins.find(({ name }) => name === PLUGIN)?.api as Weaver | undefined;
}

function unknownProject(projects: readonly string[], vitest: Vitest): ExceptionTestError {
  const names = vitest.projects.map(({ name }) => name).join(', ');
  return new ExceptionTestError('OPTION_INVALID', `vitest has no project ${projects.join(', ')}.`, {
    hint: `It has: ${names}.`,
  });
}

function pluginMissing(project: string): ExceptionTestError {
  const where = project === '' ? 'vitest.config.ts' : `the configuration of the vitest project "${project}"`;
  return new ExceptionTestError('PLUGIN_MISSING', `The plugin is not in ${where}.`, {
    hint: 'Add `plugins: [exceptionTest()]` there; with `extends: true` a project takes it from the root.',
  });
}
