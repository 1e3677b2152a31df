import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import lint from '@commitlint/lint';
import load from '@commitlint/load';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';
import { messageLines } from './message-lines.ts';
import { suggestMessage, type MessageRules } from './suggest.ts';

/** What commitlint says of a message. */
export interface Verdict {
  /** In words, each with its rule; none when the message is good. */
  problems: string[];
  /** What the configuration only warns of. */
  warnings: string[];
  /** A message that passes, made of the author's own words; undefined where none was found. */
  example?: string;
}

export interface Linter {
  rules: MessageRules;
  /** The configuration's file, relative to the repository. */
  file: string;
  lint(message: string): Promise<Verdict>;
}

type Configuration = Awaited<ReturnType<typeof load>>;

/** Where a configuration may lie in the root folder. commitlint itself would also look in the folders above. */
const CONFIG_FILE = /^(\.commitlintrc(\.(json|ya?ml|[cm]?[jt]s))?|commitlint\.config\.[cm]?[jt]s)$/;

/**
 * commitlint with the configuration in a repository's root folder, read once. Error: COMMIT_CONFIG_MISSING when there is
 * none, when it has no rule, or when it cannot be used.
 */
export async function openLinter(root: string): Promise<Linter> {
  let file = root;
  try {
    file = await configurationFile(root);
    const configuration = await load({}, { cwd: root, file: path.join(root, file) });
    if (Object.keys(configuration.rules).length === 0) throw configMissing(`${file} has no rule`);
    const judge = judgeBy(configuration);
    // An unknown rule shows only when a message is held against it.
    await judge('chore: try the rules');
    const rules = messageRules(configuration.rules);
    return { rules, file, lint: (message) => verdictOn(message, rules, judge) };
  } catch (error) {
    if (error instanceof CleaverError) throw error;
    throw configMissing(`${file} cannot be used: ${messageOf(error)}`, error);
  }
}

async function configurationFile(root: string): Promise<string> {
  const names = await readdir(root);
  if (names.includes('package.json')) {
    const content: unknown = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    // As commitlint has it, this one goes before the others.
    if (typeof content === 'object' && content !== null && 'commitlint' in content) return 'package.json';
  }
  const file = names.sort().find((name) => CONFIG_FILE.test(name));
  if (file === undefined) throw configMissing(`There is no commitlint configuration in ${root}`);
  return file;
}

function configMissing(what: string, cause?: unknown): CleaverError {
  return new CleaverError('COMMIT_CONFIG_MISSING', `${what}, so no message can be judged.`, {
    hint: "Bring back commitlint.config.js (e.g. `extends: ['@commitlint/config-conventional']`), and run `npm ci` if it extends a package.",
    cause,
  });
}

type Judge = (message: string) => Promise<{ errors: Finding[]; warnings: Finding[] }>;
interface Finding {
  name: string;
  message: string;
}

function judgeBy({ rules, parserPreset, plugins, ignores, defaultIgnores }: Configuration): Judge {
  const parserOpts = parserPreset?.parserOpts;
  const options = {
    plugins,
    ...(typeof parserOpts === 'object' && parserOpts !== null ? { parserOpts } : {}),
    ...(ignores === undefined ? {} : { ignores }),
    ...(defaultIgnores === undefined ? {} : { defaultIgnores }),
  };
  // commitlint passes over an empty message, and its parser throws at blanks.
  const empty = { errors: [{ name: 'subject-empty', message: 'the message is empty' }], warnings: [] };
  return async (message) => (message.trim() === '' ? empty : await lint(message, rules, options));
}

async function verdictOn(message: string, rules: MessageRules, judge: Judge): Promise<Verdict> {
  const { errors, warnings } = await judge(message);
  const problems = inWords(errors, rules);
  const verdict = { problems, warnings: inWords(warnings, rules) };
  if (problems.length === 0 && warnings.length === 0) return verdict;
  const example = suggestMessage(message, rules);
  const passes = (await judge(example)).errors.length === 0 && example !== messageLines(message).join('\n').trim();
  return passes ? { ...verdict, example } : verdict;
}

function inWords(findings: readonly Finding[], { types }: MessageRules): string[] {
  const names = findings.map(({ name }) => name);
  // Where the first line has another form commitlint finds neither type nor subject, which reads as if it were blank.
  const isFormless = names.includes('type-empty') && names.includes('subject-empty');
  const rest = findings.filter(({ name }) => !isFormless || (name !== 'type-empty' && name !== 'subject-empty'));
  const form = `the first line is not "type: subject" or "type(scope): subject", with a type of ${types.join(', ')}`;
  return [
    ...(isFormless ? [`${form} (type-empty, subject-empty)`] : []),
    ...rest.map(({ name, message }) => `${plainWords(name, message)} (${name})`),
  ];
}

function plainWords(name: string, message: string): string {
  const isCapital = name === 'subject-case' && message.startsWith('subject must not be sentence-case');
  return isCapital ? 'the subject must not begin with a capital letter' : message;
}

function messageRules(rules: Configuration['rules']): MessageRules {
  const valueOf = (name: string): unknown => {
    const [level = 0, when, value] = (rules[name] ?? []) as [number?, string?, unknown?];
    return level > 0 && when === 'always' ? value : undefined;
  };
  const listOf = (name: string) => {
    const value = valueOf(name);
    const list = Array.isArray(value) ? value : (value as { scopes?: unknown } | undefined)?.scopes;
    return Array.isArray(list) ? list.map(String) : [];
  };
  const lengthOf = (...names: string[]) =>
    Math.min(...names.map(valueOf).map((value) => (typeof value === 'number' ? value : Infinity)));
  return {
    types: listOf('type-enum'),
    scopes: listOf('scope-enum'),
    maxHeaderLength: lengthOf('header-max-length'),
    maxLineLength: lengthOf('body-max-line-length', 'footer-max-line-length'),
  };
}
