import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { startAction, type ActionResult, type ActionRun, type RunningAction } from '../tests/support/run-action.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';

interface Fixture extends ActionRun {
  /** Members of the action besides those below. */
  more?: string;
}

const at = (file: string) => path.join(import.meta.dirname, file);

/** An action whose `run` has this body, as a process. */
async function start(body: string, { more = '', ...run }: Fixture = {}): Promise<RunningAction> {
  const root = await temporaryFolder();
  await mkdir(path.join(root, 'fixture'));
  await writeFile(path.join(root, 'package.json'), '{ "type": "module" }');
  await writeFile(
    path.join(root, 'fixture', 'main.ts'),
    `import { z } from '${import.meta.resolve('zod')}';
     import { CleaverError } from '${at('../pipelines/core/errors.ts')}';
     import { input } from '${at('inputs.ts')}';
     import { defineAction, runAction } from '${at('run-action.ts')}';
     await runAction(defineAction({
       inputs: z.object({ model: input.model, day: input.day, wait: input.waitSeconds, key: z.string().optional() }),
       secrets: ['key'],
       outputs: ['answer', 'list', 'nothing'],
       async run(inputs, job) { ${body}; return {} },
       ${more}
     }));`,
  );
  return await startAction(root, path.relative(import.meta.dirname, path.join(root, 'fixture')), run);
}

const run = async (body: string, fixture?: Fixture): Promise<ActionResult> => await (await start(body, fixture)).ended;
const withoutMasks = (log: string) => log.replaceAll(/^::add-mask::.*\n/gm, '');

describe('inputs and outputs', () => {
  test('an input left empty is not given, a default stands in, outputs are text or JSON', async () => {
    const inputs = { model: '  ', day: '2025-01-02' };
    const result = await run('return { answer: inputs, list: ["a", 1], nothing: undefined }', { inputs });
    expect(result).toMatchObject({ status: 0, summary: '', annotations: [] });
    expect(JSON.parse(result.outputs['answer'] ?? '')).toEqual({ day: '2025-01-02', wait: 900 });
    expect(result.outputs).toMatchObject({ list: '["a",1]' });
    expect(Object.keys(result.outputs)).toEqual(['answer', 'list']);
  });

  test('every problem is told at once, and the step is not run', async () => {
    const inputs = { model: '../up', day: '2025-02-30', wait: '1e3' };
    const { status, annotations, summary, outputs, log } = await run('job.line("at work")', {
      inputs,
      more: 'inputs: z.object({ model: input.model, day: input.day, wait: input.waitSeconds, judgement: input.judgement }),',
    });
    expect(status).toBe(2);
    expect(annotations).toEqual([
      {
        level: 'error',
        properties: { title: 'OPTION_INVALID' },
        message: `The inputs of this step cannot be used:
  model: must be the name of a folder under models/
  day: must be a day as YYYY-MM-DD
  wait: must be a whole number of seconds from 0 to 86400
  judgement: is missing
What to do: Mend each line under \`with:\` in the workflow; the action's README.md explains every input.`,
      },
    ]);
    expect(summary).toContain('### ❌ OPTION_INVALID');
    expect(outputs['error']).toMatch(/^OPTION_INVALID: The inputs/);
    expect(log).not.toContain('at work');
  });

  test('inputs that contradict each other are told like any other problem', async () => {
    const rule = `inputs: z.object({ model: input.model, day: input.day }).refine(({ model, day }) => !(model && day), 'give model or day, not both'),`;
    const { annotations } = await run('', { inputs: { model: 'a', day: '2025-01-01' }, more: rule });
    expect(annotations[0]?.message).toContain('  give model or day, not both\n');
  });
});

describe('what is thrown', () => {
  test('a CleaverError: status 2, its code as title, its hint, what it had written to the summary stays', async () => {
    const result = await run(
      `job.summarize('## So far'); throw new CleaverError('BUSY', 'It is busy.', { hint: 'Wait.', cause: new Error('locked') })`,
    );
    expect(result.status).toBe(2);
    expect(result.annotations).toEqual([
      { level: 'error', message: 'It is busy.\nCaused by: locked\nWhat to do: Wait.', properties: { title: 'BUSY' } },
    ]);
    expect(result.outputs).toEqual({ error: 'BUSY: It is busy.\nCaused by: locked\nWhat to do: Wait.' });
    expect(result.summary).toMatch(/^### ❌ BUSY\n\n```text\nIt is busy\.[^]*```\n\n## So far/);
    expect(result.log).not.toContain('    at ');
  });

  test('an Error: status 1, a bug of ours, its stack in the log, the chain of causes in the annotation', async () => {
    const body = `const deep = new Error('disk', { cause: new Error('controller') }); throw new TypeError('no file', { cause: deep })`;
    const { status, annotations, log } = await run(body);
    expect(status).toBe(1);
    expect(annotations[0]?.properties).toEqual({ title: 'BUG' });
    expect(annotations[0]?.message).toMatch(
      /^no file\nCaused by: disk\nCaused by: controller\nWhat to do: .*Report it/,
    );
    expect(log).toMatch(/^TypeError: no file\n +at .*main\.ts[^]*\[cause\]: Error: disk\n/m);
  });

  test.each([
    ['a text', `throw 'out of luck'`, /^out of luck\n/],
    ['undefined', 'throw undefined', /^undefined was thrown, which is no Error\n/],
    ['null', 'throw null', /^null was thrown/],
    ['an object', 'throw { code: 7, near: [1, 2] }', /^{ code: 7, near: \[ 1, 2 \] } was thrown/],
    ['an object without a prototype', 'throw Object.create(null)', /was thrown/],
    ['an Error that causes itself', `const e = new Error('round'); e.cause = e; throw e`, /^round\nWhat/],
    [
      'two Errors that cause each other',
      `const [a, b] = [new Error('hen'), new Error('egg')]; a.cause = b; b.cause = a; throw a`,
      /^hen\nCaused by: egg\nWhat/,
    ],
    [
      'several Errors in one without a message',
      `throw new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')])`,
      /^AggregateError\nCaused by: ::1 refused\nCaused by: 127\.0\.0\.1 refused\nWhat/,
    ],
    [
      'a very long chain',
      `let e = new Error('#0.'); for (let i = 1; i < 20; i++) e = new Error('#' + i + '.', { cause: e }); throw e`,
      /^#19\.\n(Caused by: .*\n){5}… and 14 more\nWhat/,
    ],
    ['an Error in a timer', `setTimeout(() => { throw new Error('late') }, 1); await new Promise(() => {})`, /^late\n/],
    ['a rejection that nobody waits for', `void Promise.reject(null); await new Promise(() => {})`, /^null was thrown/],
    ['nothing, but the step never ends', 'await new Promise(() => {})', /^The step waits for what never comes\n/],
  ])('%s is a bug that is told', async (_, body, message) => {
    const { status, annotations, outputs, summary } = await run(body);
    expect(annotations.map(({ level, properties }) => ({ level, ...properties }))).toEqual([
      { level: 'error', title: 'BUG' },
    ]);
    expect(annotations[0]?.message).toMatch(message);
    expect(outputs['error']).toMatch(/^BUG: /);
    expect(summary).toContain('### ❌ BUG');
    expect(status).toBe(1);
  });

  test('two at once: the first is told', async () => {
    const body = `setTimeout(() => { throw new Error('first') }, 1); setTimeout(() => { throw new Error('second') }, 1); await new Promise(() => {})`;
    const { status, annotations } = await run(body);
    expect([status, annotations.length]).toEqual([1, 1]);
    expect(annotations[0]?.message).toMatch(/^first\n/);
  });

  test('by an action that may not break its job: a warning, status 0, and `error` is set all the same', async () => {
    const { status, annotations, outputs, summary } = await run(`throw new Error('nobody home')`, {
      more: 'mayFail: false',
    });
    expect(status).toBe(0);
    expect(annotations).toMatchObject([{ level: 'warning', properties: { title: 'BUG' } }]);
    expect(outputs['error']).toContain('nobody home');
    expect(summary).toContain('### ⚠️ BUG');
  });

  test('with commands of the runner in its text: none of them is one', async () => {
    const hostile = '::error::planted\\n::add-mask::a\\r  ::set-output name=x::y%0A::warning::z\\n##[error]old ```';
    const { annotations, log, summary } = await run(
      `job.line('${hostile}'); throw new Error('${hostile}', { cause: '${hostile}' })`,
    );
    expect(annotations).toHaveLength(1);
    expect(annotations[0]?.message).toContain('::set-output name=x::y%0A::warning::z\n##[error]old');
    const commands = log.split(/[\r\n]+/).filter((line) => /^\s*::/.test(line));
    expect(commands.every((line) => /^::(debug|error title=BUG)::/.test(line))).toBe(true);
    // The annotation is a command of ours, and carries its text escaped on one line.
    expect(log.replaceAll(/^::error title=BUG::.*$/gm, '')).not.toContain('##[');
    expect(summary).toContain('````text');
  });
});

describe('what fails while it is told', () => {
  const lost = 'What this step had to tell is lost; the log says why.';
  const unspeakable = `throw { [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no words for ' + inputs.key) } }`;

  test('an error that cannot be put into words: status 1, and why in the log, without secrets', async () => {
    const { status, annotations, log } = await run(unspeakable, { inputs: { key: 's3cret' } });
    expect([status, annotations]).toEqual([1, [{ level: 'error', message: lost, properties: { title: 'BUG' } }]]);
    expect(log).toMatch(/^Error: no words for \*\*\*\n +at /m);
  });

  test.each([
    ['good', '', 1],
    ["user's to mend", `throw new CleaverError('BUSY', 'busy', { hint: 'Wait.' })`, 2],
  ])('an annotation without a text in a step whose end is %s: not 0', async (_, end, expected) => {
    const { status, annotations, log } = await run(`job.annotate('notice', undefined); ${end}`);
    expect([status, annotations.at(-1)?.message]).toEqual([expected, lost]);
    expect(log).toMatch(/^TypeError: Cannot read properties of undefined/m);
  });

  test('by an action that may not break its job: a warning, status 0', async () => {
    const { status, annotations } = await run(unspeakable, { more: 'mayFail: false' });
    expect([status, annotations]).toEqual([0, [{ level: 'warning', message: lost, properties: { title: 'BUG' } }]]);
  });
});

describe('secrets', () => {
  const multiline = '-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\nqwertzuiop\n-----END KEY-----';

  test('are masked first of all, and stand nowhere else: log, annotations, summary, outputs', async () => {
    const body = `job.line('with ' + inputs.key); job.summarize('with ' + inputs.key); job.annotate('notice', inputs.key, { title: inputs.key });
      job.annotate('warning', encodeURIComponent(inputs.key) + Buffer.from(inputs.key).toString('base64'));
      return { answer: inputs.key, list: [inputs.key] }`;
    const { log, summary, outputs } = await run(body, { inputs: { key: 's3cret/+value' } });
    expect(log.startsWith('::add-mask::s3cret/+value\n')).toBe(true);
    const rest = [withoutMasks(log), summary, JSON.stringify(outputs)].join('\n');
    expect(rest).not.toMatch(/s3cret|czNjcmV0/);
    expect(outputs).toEqual({ answer: '***', list: '["***"]' });
    expect(rest).toContain('::notice title=***::***\n');
  });

  test('of several lines are hidden line by line, also in an error', async () => {
    const { log, summary, outputs, annotations } = await run(
      `throw new Error('refused: ' + inputs.key.split('\\n')[1], { cause: new Error(JSON.stringify(inputs.key)) })`,
      { inputs: { key: multiline } },
    );
    expect([withoutMasks(log), summary, JSON.stringify(outputs)].join()).not.toMatch(/MIIE|qwertz/);
    expect(annotations[0]?.message).toMatch(/^refused: \*\*\*\n/);
  });

  test('with a percent sign that begins no code are hidden as they stand', async () => {
    const { status, log } = await run(`job.line('with ' + inputs.key)`, { inputs: { key: '100%-s3cret' } });
    expect([status, withoutMasks(log)]).toEqual([0, expect.stringMatching(/^with \*\*\*$/m)]);
  });

  test('in URLs of the environment are hidden as they stand and decoded', async () => {
    const env = { SOURCE_URL: 'postgres://shop:p%40ss%20word@db:5432/shop' };
    const { log } = await run(`job.line(process.env.SOURCE_URL + ' p@ss word')`, { env });
    expect(withoutMasks(log)).toContain('postgres://shop:***@db:5432/shop ***\n');
  });
});

describe("GitHub's limits", () => {
  test('of 12 warnings 10 are annotated, the error comes first of all, and the summary says how many are left', async () => {
    const body = `for (let i = 0; i < 12; i++) job.annotate('warning', 'w' + i); job.annotate('error', 'planned');
      throw new CleaverError('BUSY', 'busy', { hint: 'Wait.' })`;
    const { annotations, summary } = await run(body);
    expect(annotations.map(({ level }) => level)).toEqual(['error', 'error', ...Array<string>(10).fill('warning')]);
    expect(annotations.slice(0, 3).map(({ message }) => message)).toEqual(['busy\nWhat to do: Wait.', 'planned', 'w0']);
    expect(summary).toContain('_2 more warnings are not annotated: GitHub shows 10._');
  });

  test('an annotation beyond what the runner keeps is cut and says so; the log has the whole', async () => {
    const { annotations, log } = await run(`job.annotate('notice', 'a'.repeat(5000) + 'end')`);
    expect(annotations[0]?.message.length).toBeLessThan(4_096);
    expect(annotations[0]?.message).toMatch(/a…\nCut here; the log has the whole\.$/);
    expect(log).toContain('aaaend\n');
  });

  test('a summary over 1 MiB is cut, says so, and the log has the whole of it', async () => {
    const { status, summary, log } = await run(`job.summarize('ü'.repeat(600_000) + '\\nlast line')`);
    expect(status).toBe(0);
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1024 * 1024);
    expect(summary).toMatch(/ü\n\n_Cut here/);
    expect(summary).not.toContain('\uFFFD');
    expect(log).toContain('last line\n');
  });
});

describe('files of the runner that are missing or cannot be written', () => {
  const broken = (file: string): Fixture => ({ env: { GITHUB_OUTPUT: file, GITHUB_STEP_SUMMARY: file } });

  test('do not hide the error', async () => {
    const { status, annotations } = await run(
      `throw new CleaverError('BUSY', 'busy', { hint: 'Wait.' })`,
      broken('/none/at/all'),
    );
    expect(status).toBe(2);
    expect(annotations.map(({ level }) => level)).toEqual(['error', 'warning', 'warning']);
    expect(annotations[0]?.properties).toEqual({ title: 'BUSY' });
    expect(annotations.slice(1).map(({ message }) => message)).toEqual([
      expect.stringContaining('The output error cannot be written: Missing file at path: /none/at/all'),
      expect.stringContaining("The summary could not be written: Unable to access summary file: '/none/at/all'"),
    ]);
  });

  test('are an error of a step that has outputs: the jobs after it would go wrong', async () => {
    const { status, annotations } = await run(`return { answer: 1 }`, broken('/none/at/all'));
    expect([status, annotations[0]?.properties['title']]).toEqual([2, 'OPTION_INVALID']);
  });

  test('are a directory: told as well', async () => {
    const folder = path.join(await temporaryFolder(), 'folder');
    await mkdir(folder);
    await chmod(folder, 0o500);
    const { status, annotations } = await run(`job.summarize('x'); return { answer: 1 }`, broken(folder));
    expect([status, annotations[0]?.properties['title']]).toEqual([2, 'OPTION_INVALID']);
    await rm(folder, { recursive: true });
  });

  test('or not named at all, by hand: outputs go to the log', async () => {
    const { status, log } = await run(`job.summarize('x'); return { answer: 1 }`, broken(''));
    expect([status, log]).toMatchObject([0, expect.stringContaining('::set-output name=answer::1')]);
  });
});

describe('a cancelled job', () => {
  const waiting = `job.summarize('half'); job.onCancel(async () => { job.line('ended the trainer') });
    job.line('at work'); await new Promise((resolve) => setInterval(resolve, 1e9))`;

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s: %i, said in the summary, and what it had started is ended', async (signal, status) => {
    const result = await cancel(await start(waiting), signal);
    expect(result).toMatchObject({ status, annotations: [], outputs: {} });
    expect(result.summary).toMatch(new RegExp(`^### ⏹️ Cancelled \\(${signal}\\)[^]*half`));
    expect(result.log).toContain('ended the trainer\n');
  });

  test('is not told as an error, though its step fails because of it', async () => {
    const failing = `let fail; job.onCancel(async () => { fail(new Error('the trainer is gone')); await new Promise(setImmediate) });
      job.line('at work'); setInterval(() => {}, 1e9); await new Promise((_, reject) => { fail = reject })`;
    const result = await cancel(await start(failing), 'SIGINT');
    expect(result).toMatchObject({ status: 130, annotations: [] });
    expect(result.log).not.toContain('gone');
  });

  test('is told twice, as GitHub does it: the first time counts', async () => {
    const slow = `job.onCancel(() => new Promise((resolve) => process.once('SIGTERM', resolve))); ${waiting}`;
    const action = await start(slow);
    await action.said('at work');
    action.kill('SIGINT');
    await action.said('ended the trainer');
    action.kill('SIGTERM');
    const { status, summary } = await action.ended;
    expect([status, summary.match(/Cancelled/g)?.length]).toEqual([130, 1]);
  });

  test('ends though one of its helpers cannot be ended', async () => {
    const stubborn = `job.onCancel(() => { throw new Error('no') }); job.onCancel(async () => { job.line('second') });
      job.line('at work'); setInterval(() => {}, 1e9); await new Promise(() => {})`;
    const result = await cancel(await start(stubborn), 'SIGTERM');
    expect(result).toMatchObject({ status: 143, log: expect.stringContaining('second\n') as string });
  });
});

test('a large output is handed on whole', async () => {
  const { outputs } = await run(`return { answer: 'ü\\n'.repeat(500_000) }`);
  expect(outputs['answer']).toBe('ü\n'.repeat(500_000));
});

test('a long log is there to its last line', async () => {
  const { log, status } = await run(
    `for (let i = 0; i < 20_000; i++) job.line('x'.repeat(99) + i); throw new Error('end of it')`,
  );
  expect(status).toBe(1);
  expect(log).toContain('x19999\n');
  expect(log.length).toBeGreaterThan(2_000_000);
  expect(log).toMatch(/::error title=BUG::end of it%0A[^\n]+\n$/);
});

async function cancel(action: RunningAction, signal: NodeJS.Signals): Promise<ActionResult> {
  await action.said('at work');
  action.kill(signal);
  return await action.ended;
}
