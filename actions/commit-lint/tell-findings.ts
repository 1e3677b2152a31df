import { CleaverError } from '../../pipelines/core/errors.ts';
import type { Job } from '../job.ts';
import { fence } from '../summary.ts';
import { table } from '../markdown.ts';
import { cutWhole, shownHeader } from './message-lines.ts';

/** A message that is not as it should be. */
export interface Finding {
  /** Of the commit; null for a pull request's title. */
  sha: string | null;
  message: string;
  problems: string[];
  example?: string;
}

/** GitHub takes outputs of 1 MB for a job, counted in two bytes for each character. */
const MAX_OUTPUT_LENGTH = 400_000;
const MAX_TEXT_LENGTH = 2_000;
const MAX_EXAMPLES = 50;

/** What is wrong, for the step's output `problems`: as many as GitHub takes. */
export function problemsOutput(findings: readonly Finding[]): object[] {
  let length = 0;
  return findings
    .map(({ sha, message, problems, example }) => ({
      sha,
      header: shownHeader(message, 200),
      problems,
      example: example === undefined ? null : cutExample(example),
    }))
    .filter((problem) => (length += JSON.stringify(problem).length) <= MAX_OUTPUT_LENGTH);
}

function cutExample(example: string): string {
  return example.length > MAX_TEXT_LENGTH ? `${cutWhole(example, MAX_TEXT_LENGTH)}\n…` : example;
}

/** What there is to say when all is well. */
export function tellClean(commits: number, hasTitle: boolean, file: string, job: Job): void {
  const looked = `${commits} commit${commits === 1 ? '' : 's'}${hasTitle ? ', and the title' : ''}`;
  job.line(`All messages are as ${file} asks: ${looked}.`);
  job.summarize(`### ✅ Commit messages\n\nAs \`${file}\` asks: ${looked}.\n`);
}

/** Annotations, the worst first, and a table of all with examples to copy. */
export function tellFindings(findings: readonly Finding[], job: Job): void {
  const named = findings.map((finding) => ({ ...finding, name: finding.sha?.slice(0, 7) ?? 'title' }));
  for (const { name, message, problems, example } of named.toSorted((a, b) => b.problems.length - a.problems.length)) {
    const suggestion = example === undefined ? '' : `\nFor example: ${shownHeader(example)}`;
    job.annotate('error', `${name} "${shownHeader(message)}"\n${problems.join('\n')}${suggestion}`, {
      title: 'Commit message',
    });
    job.line(`${name} ${shownHeader(message)}: ${problems.join('; ')}`);
  }
  const rows = named.map(({ name, message, problems, example = '' }) => [
    name,
    shownHeader(message),
    problems.join('; '),
    shownHeader(example),
  ]);
  job.summarize(table(['commit', 'first line', 'what is wrong', 'for example'], rows));
  const examples = named.flatMap(({ name, example }) =>
    example === undefined ? [] : [`${name}\n\n${fence(cutExample(example))}\n`],
  );
  if (examples.length === 0) return;
  const shown = examples.slice(0, MAX_EXAMPLES).join('\n');
  const more = examples.length > MAX_EXAMPLES ? `\n_The first ${MAX_EXAMPLES}._\n` : '';
  job.summarize(`<details><summary>The examples, to copy</summary>\n\n${shown}${more}\n</details>\n`);
}

/** The error that ends the step. `base` is what the commits stand on. */
export function messagesInvalid(
  findings: readonly Finding[],
  { commits, file, base }: { commits: number; file: string; base: string },
): CleaverError {
  const bad = findings.filter(({ sha }) => sha !== null).length;
  const hasTitle = bad < findings.length;
  const what = [...(bad > 0 ? [`${bad} of ${commits} commit messages`] : []), ...(hasTitle ? ['the title'] : [])];
  const onto = /^[0-9a-f]{40,}/.test(base) ? base.replace(/^([0-9a-f]{10})[0-9a-f]+/, '$1') : base;
  const reword = `Run \`git rebase -i ${onto}\`, put \`reword\` before each commit in the summary, and push with \`--force-with-lease\`. \`npm run commit\` asks for the parts of a message.`;
  const edit = 'Edit the title of the pull request, and run this job again.';
  return new CleaverError('COMMIT_MESSAGE_INVALID', `Refused by ${file}: ${what.join(', ')}.`, {
    hint: [...(bad > 0 ? [reword] : []), ...(hasTitle ? [edit] : [])].join(' '),
  });
}
