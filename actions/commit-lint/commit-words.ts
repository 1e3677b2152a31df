/** What people write for a type, before a colon or as the first word. */
const ALIASES: Record<string, readonly string[]> = {
  feat: ['feature', 'features', 'feats', 'new'],
  fix: ['bugfix', 'hotfix', 'bug', 'fixes', 'fixed', 'fixing'],
  docs: ['doc', 'documentation', 'readme'],
  test: ['tests', 'testing', 'spec'],
  perf: ['performance', 'speed'],
  refactor: ['refactoring', 'cleanup', 'style'],
  build: ['deps', 'dependencies', 'dependency'],
  ci: ['workflow', 'workflows'],
  chore: ['chores', 'misc', 'wip', 'release'],
};

const VERBS: Record<string, readonly string[]> = {
  feat: ['add', 'allow', 'create', 'enable', 'implement', 'introduce', 'offer', 'support'],
  fix: ['fix', 'avoid', 'correct', 'ensure', 'handle', 'mend', 'prevent', 'repair', 'resolve', 'restore'],
  docs: ['document', 'describe', 'explain'],
  test: ['test', 'cover'],
  perf: ['accelerate', 'cache', 'optimize', 'optimise'],
  refactor: [
    'refactor',
    'clean',
    'drop',
    'extract',
    'merge',
    'move',
    'remove',
    'rename',
    'reorder',
    'simplify',
    'split',
  ],
  build: ['bump', 'pin', 'upgrade'],
  chore: ['change', 'delete', 'improve', 'update', 'use'],
};

/** A change of one of these is of that type, whatever is done to it. */
const THINGS: Record<string, RegExp> = {
  test: /^(tests?|specs?)$/,
  docs: /^(docs?|documentation|readme(\.md)?|changelog|typos?|comments?)$/,
  build: /^(dependency|dependencies|deps|package(-lock)?\.json)$/,
  ci: /^(ci|workflows?)$/,
};

const ARTICLES = /^(a|an|the|some)$/;

const TYPE_OF_ALIAS = new Map(Object.entries(ALIASES).flatMap(([type, words]) => words.map((word) => [word, type])));
const VERB_OF_FORM = new Map(
  Object.entries(VERBS).flatMap(([type, verbs]) =>
    verbs.flatMap((verb) => formsOf(verb).map((form) => [form, { verb, type }] as const)),
  ),
);

/** The type that a word before a colon stands for: `Bugfix` is `fix`. */
export function typeNamed(word: string, types: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  return [lower, TYPE_OF_ALIAS.get(lower)].find((type) => type !== undefined && types.includes(type));
}

/** The type of a change by the first words of its author, and the text without what the type says already. */
export function typeByWords(text: string, types: readonly string[]): { type: string; text: string } {
  const words = text.split(/\s+/);
  const [first = '', ...others] = words.map((word) => word.toLowerCase().replaceAll(/[^\p{L}\p{N}.-]|\.$/gu, ''));
  const beginning = [first, ...others.filter((word) => !ARTICLES.test(word)).slice(0, 2)];
  const found = VERB_OF_FORM.get(first);
  const thing = Object.entries(THINGS).find(([, pattern]) => beginning.some((word) => pattern.test(word)))?.[0];
  const later = beginning.map((word) => VERB_OF_FORM.get(word)?.type).find((named) => named !== undefined);
  const guesses = [thing, found?.type, TYPE_OF_ALIAS.get(first), later, 'chore'];
  const type = guesses.find((named) => types.includes(named ?? '')) ?? types[0] ?? 'chore';
  if (found === undefined) return { type, text };
  // "Fixed the login" is `fix: login`; "Added a button" is `feat: add a button`.
  if (found.verb !== type || others.length === 0) return { type, text: [found.verb, ...words.slice(1)].join(' ') };
  return { type, text: words.slice(ARTICLES.test(others[0] ?? '') && others.length > 1 ? 2 : 1).join(' ') };
}

/** A verb as it is written in subjects: add, adds, added, adding; dropped and dropping; moving; simplified. */
function formsOf(verb: string): string[] {
  const stem = verb.replace(/e$/, '');
  const doubled = `${verb}${verb.at(-1) ?? ''}`;
  const forms = [verb, `${verb}s`, `${verb}es`, `${stem}ed`, `${stem}ing`, `${doubled}ed`, `${doubled}ing`];
  return verb.endsWith('y') ? [...forms, verb.replace(/y$/, 'ies'), verb.replace(/y$/, 'ied')] : forms;
}
