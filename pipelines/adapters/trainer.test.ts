import { spawn, type ChildProcess } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { endLeftoverTrainer, runTrainerCommand } from './trainer-process.ts';
import { runTrainer, type TrainingJob } from './trainer.ts';

async function job(script: string, change: Partial<TrainingJob> = {}): Promise<TrainingJob> {
  const modelFolder = await temporaryFolder();
  await writeFile(path.join(modelFolder, 'train.js'), script);
  const folder = path.join(await temporaryFolder(), 'train-1');
  await mkdir(folder);
  return {
    ...{ folder, modelFolder, timeLimitMs: 30_000, features: ['a'], parameters: {}, onProgress: () => undefined },
    command: [process.execPath, '{model}/train.js'],
    ...change,
  };
}

const WRITES = (model: string, metrics: string) => `
  import { writeFileSync } from 'node:fs';
  writeFileSync('model.onnx', ${JSON.stringify(model)});
  writeFileSync('metrics.json', ${JSON.stringify(metrics)});`;

test('a command in any language that keeps the contract is a trainer', async () => {
  const lines: string[] = [];
  const given = await job(`${WRITES('onnx', '{"metrics": {"auc": 0.7}, "scores": [0.5]}')} console.log('fitted');`, {
    onProgress: (line) => lines.push(line),
  });
  const output = await runTrainer(given);
  expect(output).toMatchObject({ metrics: { auc: 0.7 }, scores: [0.5] });
  expect(await readFile(output.modelFile, 'utf8')).toBe('onnx');
  expect(lines).toEqual(['fitted']);
});

test('a trainer that crashes says so, with its last lines', async () => {
  const crashing = runTrainer(await job(`console.error('out of memory at tree 7'); process.exit(3);`));
  await expect(crashing).rejects.toMatchObject({
    code: 'TRAINER_CRASHED',
    message: expect.stringMatching(/ended with 3[^]*out of memory at tree 7/) as string,
  });
});

test('a model file with nothing in it is missing', async () => {
  const given = await job(WRITES('', '{"scores": [0.5]}'));
  await expect(runTrainer(given)).rejects.toMatchObject({
    code: 'TRAINER_OUTPUT_MISSING',
    message: expect.stringContaining('left no model.onnx') as string,
  });
});

test('a trainer that is not there is TRAINER_CRASHED with its name', async () => {
  await expect(runTrainer(await job('', { command: ['no-such-program'] }))).rejects.toMatchObject({
    code: 'TRAINER_CRASHED',
    message: expect.stringContaining('`no-such-program` spawn no-such-program ENOENT.') as string,
    cause: expect.objectContaining({ code: 'ENOENT' }) as unknown,
  });
});

test('a trainer that hangs is ended after its time limit, with the processes it started', async () => {
  const given = await job(
    `import { spawn } from 'node:child_process';
     const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
     console.log('child ' + child.pid);
     setInterval(() => {}, 1000);`,
    { timeLimitMs: 1_500 },
  );
  const lines: string[] = [];
  await expect(runTrainer({ ...given, onProgress: (line) => lines.push(line) })).rejects.toMatchObject({
    code: 'TRAINER_TIMEOUT',
  });
  const child = Number(lines[0]?.split(' ')[1]);
  await expect.poll(() => isRunning(child)).toBe(false);
});

test.each([
  [
    'no model',
    `import { writeFileSync } from 'node:fs'; writeFileSync('metrics.json', '{"scores":[1]}');`,
    'TRAINER_OUTPUT_MISSING',
  ],
  ['an empty model', WRITES('', '{"scores":[1]}'), 'TRAINER_OUTPUT_MISSING'],
  [
    'no metrics',
    `import { writeFileSync } from 'node:fs'; writeFileSync('model.onnx', 'onnx');`,
    'TRAINER_OUTPUT_MISSING',
  ],
  ['metrics that are no JSON', WRITES('onnx', '{'), 'TRAINER_OUTPUT_INVALID'],
  ['metrics without scores', WRITES('onnx', '{"scores": []}'), 'TRAINER_OUTPUT_INVALID'],
  ['scores that are NaN', WRITES('onnx', '{"scores": [NaN]}'), 'TRAINER_OUTPUT_INVALID'],
])('a trainer that leaves %s is told what is missing', async (_, script, code) => {
  await expect(runTrainer(await job(script))).rejects.toMatchObject({ code });
});

test('the next command ends a trainer whose own command was killed', async () => {
  const work = await temporaryFolder();
  const folder = path.join(work, 'train-1');
  await mkdir(folder);
  const running = runTrainerCommand({
    command: [process.execPath, '-e', 'console.log(1); setInterval(() => {}, 1000)'],
    folder,
    timeLimitMs: 30_000,
  });
  const ended = expect(running).rejects.toMatchObject({ code: 'TRAINER_CRASHED' });
  await expect.poll(() => readFile(path.join(work, 'trainer.json'), 'utf8').catch(() => '')).toContain('pid');
  await endLeftoverTrainer(work);
  await ended;
});

test('a trainer that cannot be noted is ended at once', async () => {
  const work = await temporaryFolder();
  const folder = path.join(work, 'train-1');
  await mkdir(folder);
  await mkdir(path.join(work, 'trainer.json'));
  const started = Promise.withResolvers<ChildProcess>();
  const tell = (told: unknown) => {
    started.resolve((told as { process: ChildProcess }).process);
  };
  diagnostics.subscribe('child_process', tell);
  onTestFinished(() => void diagnostics.unsubscribe('child_process', tell));
  const running = runTrainerCommand({ command: ['sleep', '5'], folder, timeLimitMs: 30_000 });
  await expect(running).rejects.toMatchObject({ code: 'EISDIR' });
  const child = await started.promise;
  if (child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
});

test('where nothing tells when a process started, what is left of its group is ended by its number', async () => {
  const work = await temporaryFolder();
  const leader = spawn('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(leader.stdout, 'data')) as [Buffer];
  await once(leader, 'close');
  await writeFile(path.join(work, 'trainer.json'), JSON.stringify({ pid: leader.pid, startedAt: '' }));
  expect(await isRunning(Number(String(text)))).toBe(true);
  await endLeftoverTrainer(work);
  await expect.poll(() => isRunning(Number(String(text)))).toBe(false);
});

test('a process of which nothing is left needs no end', async () => {
  const work = await temporaryFolder();
  const child = spawn('true', { detached: true, stdio: 'ignore' });
  await once(child, 'exit');
  await writeFile(path.join(work, 'trainer.json'), JSON.stringify({ pid: child.pid, startedAt: '' }));
  await expect(endLeftoverTrainer(work)).resolves.toBeUndefined();
});

test.each(['', '{"pid":12'])('a note of which a kill left only `%s` names no process', async (note) => {
  const work = await temporaryFolder();
  await writeFile(path.join(work, 'trainer.json'), note);
  await expect(endLeftoverTrainer(work)).resolves.toBeUndefined();
});

test('a process that cannot be ended is an error', async () => {
  const work = await temporaryFolder();
  // No system has a process of that number, and Node does not even ask.
  await writeFile(path.join(work, 'trainer.json'), '{"pid":99999999999,"startedAt":""}');
  await expect(endLeftoverTrainer(work)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
});

/** A process that has ended but that nobody has asked after (a zombie) is not running. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') R');
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false;
  }
}
