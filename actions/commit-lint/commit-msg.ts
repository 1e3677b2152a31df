import { readFile, writeFile } from 'node:fs/promises';
import { describeThrown } from '../describe-thrown.ts';
import { openLinter, type Verdict } from './lint-messages.ts';
import { openGit } from './local-git.ts';
import { messageLines } from './message-lines.ts';

/** The line above what `git commit --verbose` shows; whatever is under it is no part of the message. */
const SCISSORS = /^.{1,8} -{24} >8 -{24}$/m;

/**
 * The program of the hook commit-msg: takes a message file as git hands it over, in a repository's root folder. Answers
 * undefined when git may go on, or the text of the refusal; the file then has the message without git's comments.
 */
export async function judgeMessageFile(root: string, file: string): Promise<string | undefined> {
  const message = await ownWords(root, await readFile(file, 'utf8'));
  // Git ends a commit without a message itself, and says so.
  if (message.trim() === '') return undefined;
  const verdict = await (await openLinter(root)).lint(message);
  if (verdict.problems.length === 0) return undefined;
  await writeFile(file, message);
  return refusal(message, verdict, file);
}

/** The message that git will take: without comments where an editor was open, as `commit.cleanup` has it. */
async function ownWords(root: string, text: string): Promise<string> {
  const git = openGit(root);
  const hasEditor = process.env['GIT_EDITOR'] !== ':';
  const written = hasEditor ? text.slice(0, SCISSORS.exec(text)?.index ?? text.length) : text;
  const set = (await git.ask(['config', 'commit.cleanup']))?.trim() ?? 'default';
  if (set === 'verbatim') return written;
  const strips = set === 'strip' || (set === 'default' && hasEditor);
  return (await git.ask(['stripspace', ...(strips ? ['--strip-comments'] : [])], written)) ?? written;
}

function refusal(message: string, { problems, example }: Verdict, file: string): string {
  const suggestion = example === undefined ? [] : ['For example, in your own words:', '', example, ''];
  return [
    'The commit is refused for its message:',
    '',
    ...indent(messageLines(message.trim())),
    '',
    ...problems.map((problem) => `- ${problem}`),
    '',
    ...suggestion,
    'Your message is kept. To mend it, with the options you gave before (-a, --amend):',
    '',
    ...indent([`git commit -e -F ${/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`}`]),
    '',
    'Or let `npm run commit` ask you for the parts.',
    '',
  ].join('\n');
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}

if (import.meta.main) {
  try {
    const text = await judgeMessageFile(process.cwd(), process.argv[2] ?? '');
    if (text !== undefined) process.stderr.write(`${text}\n`);
    process.exitCode = text === undefined ? 0 : 1;
  } catch (error) {
    const { title, message } = describeThrown(error);
    process.stderr.write(`The hook commit-msg failed. ${title}: ${message}\n`);
    process.exitCode = 1;
  }
}
