import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseDay, type Day } from '../core/days.ts';
import { CleaverError } from '../core/errors.ts';
import { describeError, errorJson, exitStatusOf, openConsole, type PersonConsole } from './console.ts';
import type { StepName } from './steps.ts';

/** What a verb answers: one JSON object with its `outcome`, and how a person is told. */
export interface Answer {
  json: { outcome: string } & Record<string, unknown>;
  text: string;
}

export type Options = Record<string, unknown> & { json?: boolean; model?: string; asOf?: Day };

/** Runs the command line; answers the exit status: 0 done, 1 a bug of ours, 2 the user's to mend. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const console = openConsole();
  const wantsJson = argv.includes('--json');
  let status = 0;
  const act = (work: (options: Options, console: PersonConsole) => Promise<Answer>) => async (options: Options) => {
    const answer = await work(options, console);
    process.stdout.write(options.json ? `${JSON.stringify(answer.json)}\n` : `${answer.text}\n`);
  };
  const program = buildProgram(act);
  addExceptions(program, (ended) => (status = ended));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const isUsage = error instanceof CommanderError;
    if (isUsage && error.exitCode === 0) return 0;
    if (isUsage) {
      // Commander has told the person already.
      if (wantsJson) process.stdout.write(`${JSON.stringify(errorJson(usageError(error)))}\n`);
      return 2;
    }
    if (wantsJson) process.stdout.write(`${JSON.stringify(errorJson(error))}\n`);
    process.stderr.write(describeError(error));
    status = exitStatusOf(error);
  }
  return status;
}

type Work = (options: Options, console: PersonConsole) => Promise<Answer>;

/** Loads a verb as it is asked for: each command pays for its own packages alone. */
function later(load: () => Promise<Work>): Work {
  return async (options, console) => await (await load())(options, console);
}

type Act = (work: (options: Options, console: PersonConsole) => Promise<Answer>) => (options: Options) => Promise<void>;

function buildProgram(act: Act): Command {
  const program = new Command('cleaver')
    .description('The machine-learning loop: source → mart → train → evaluate → registry → deliver → report.')
    .exitOverride()
    .showHelpAfterError('Run `npx cleaver --help` for the verbs.');
  const verb = (name: string, description: string) =>
    program.command(name).description(description).option('--json', 'print one JSON object on stdout');
  const ofModel = (name: string, description: string) =>
    verb(name, description).option('--model <name>', 'the folder under models/; not needed when there is one');
  const step = (name: string, description: string) =>
    ofModel(name, description).option(
      '--wait <seconds>',
      'how long to wait for another command on the model',
      parseWholeNumber,
      30,
    );

  addSteps(step, act);
  addServing(verb, act);
  addHousekeeping(verb, ofModel, act);
  return program;
}

type Verb = (name: string, description: string) => Command;

function addSteps(step: Verb, act: Act): void {
  const asOf = [
    '--as-of <day>',
    'the newest day to take in, YYYY-MM-DD (default: yesterday, or the last day with data)',
    parseDayOption,
  ] as const;
  const run = (name: StepName) => act(later(async () => (await import('./steps.ts')).steps[name]));
  step('loop', 'one turn of the whole loop: etl, watch, (train, evaluate, promote,) deliver, report')
    .option(...asOf)
    .action(run('loop'));
  step('etl', 'take new source rows in and build the mart')
    .option(...asOf)
    .action(run('etl'));
  const dispatch = act(later(async () => (await import('./dispatch.ts')).dispatchWorkflows));
  step('watch', 'say whether there is news to train on')
    .option('--dispatch <owner/name>', 'start the workflows that news or a dropped schedule asks for', parseRepository)
    .option(
      '--schedules <folder>',
      'with --dispatch: where their files are (default: .github/workflows of this repository)',
    )
    .action((options: Options) => (options['dispatch'] === undefined ? run('watch') : dispatch)(options));
  step('train', 'train a challenger on the newest window and register it').action(run('train'));
  step('evaluate', 'judge the newest challenger against the champion').action(run('evaluate'));
  step('promote', 'make the challenger that passed the gate the champion')
    .option('--to <version>', 'bring back this version, which was promoted before')
    .action(run('promote'));
  step('deliver', 'score everybody by the champion into files and the predictions table').action(run('deliver'));
  step('report', 'hold predictions against what came true, treated against held-out').action(run('report'));
}

function addServing(verb: Verb, act: Act): void {
  verb('up', 'the loop for every model and the server, all on this machine (= npm start)')
    .option('--once', 'end after the sample shop has lived its days')
    .option('--no-retrain', 'keep the first champion, to see what retraining is worth')
    .option('--port <number>', 'where to listen (default: 8080; with --once any free port)', parsePort)
    .option('--seed <number>', 'another life of the sample shop', parseWholeNumber)
    .action(act(later(async () => (await import('./up.ts')).up)));
  verb('serve', 'the inference server and the manager’s page')
    .addOption(new Option('--host <address>', 'where to listen').env('HOST').default('127.0.0.1'))
    .addOption(new Option('--port <number>', 'where to listen').env('PORT').default(8080).argParser(parsePort))
    .action(act(later(async () => (await import('./serve.ts')).serve)));
  verb('collect', 'load what the server has recorded into the databases of the models')
    .option('--wait <seconds>', 'how long to wait for another collect', parseWholeNumber, 30)
    .action(act(later(async () => (await import('./steps.ts')).collectRecords)));
}

function addHousekeeping(verb: Verb, ofModel: Verb, act: Act): void {
  verb('models', 'list the models, their versions and aliases').action(
    act(later(async () => (await import('./lists.ts')).listModels)),
  );
  ofModel('runs', 'list what was done to a model')
    .option('--last <number>', 'how many', parseWholeNumber, 20)
    .action(act(later(async () => (await import('./lists.ts')).listModelRuns)));
  verb('metrics', 'write what monitoring reads of the state to metrics/cleaver.prom')
    .option('--done <task>', 'note that a task of yours is done, e.g. backup', parseTask)
    .option('--wait <seconds>', 'how long to wait for another one', parseWholeNumber, 30)
    .action(act(later(async () => (await import('./metrics.ts')).metrics)));
  verb('doctor', 'say what is missing on this machine and how to get it').action(
    act(later(async () => (await import('./doctor.ts')).doctor)),
  );
  verb('init', 'make the state folder and the trainer’s environment').action(
    act(later(async () => (await import('./init.ts')).init)),
  );
  verb('key', 'make an API key for the server')
    .argument('<name>', 'who it is for')
    .requiredOption('--scopes <list>', 'what it is for: predict, outcomes, admin, metrics with commas between, or *')
    .option('--file <path>', 'the file of keys to add it to; without it the line is only shown')
    .action(async (name: string, options: Options & { scopes: string; file?: string }) => {
      const { newKey } = await import('./key.ts');
      await act(() => newKey(name, options))(options);
    });
  verb('new', 'make a model folder to fill in')
    .argument('<name>', 'lower case, digits and dashes')
    .action(async (name: string, options: Options) => {
      const { newModel } = await import('./new-model.ts');
      await act(() => newModel(name))(options);
    });
}

/** The gate on error paths reads its own options: it is a program that can stand by itself. */
function addExceptions(program: Command, end: (status: number) => void): void {
  program
    .command('exceptions')
    .description('test whether the tests reach, and notice, every error path of the code')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[arguments...]', '`npx cleaver exceptions --help` lists them')
    .action(async (args: string[]) => {
      // Loaded now: it brings packages for development, which a server may not have.
      const { runCommand } = await import('../../actions/exception-test/cli.ts');
      end(await runCommand(args));
    });
}

function usageError({ message }: CommanderError): CleaverError {
  return new CleaverError('OPTION_INVALID', message.replace(/^error: /, ''), {
    hint: '`npx cleaver --help` lists the verbs, `npx cleaver VERB --help` its options.',
  });
}

function parseDayOption(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new InvalidArgumentError('It must be a day as YYYY-MM-DD.');
  return day;
}

function parseRepository(text: string): { owner: string; repo: string } {
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(text) ?? [];
  if (owner === undefined || repo === undefined)
    throw new InvalidArgumentError('It must be a repository as owner/name.');
  return { owner, repo };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
}

function parseTask(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(text)) {
    throw new InvalidArgumentError('It must be lower case letters, digits and dashes, such as dynamic-dns.');
  }
  return text;
}

function parseWholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('It must be a whole number.');
  return number;
}
