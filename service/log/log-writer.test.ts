import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { LogWriter } from './log-writer.ts';

const line = (index: number) => `${JSON.stringify({ index, padding: 'ü'.repeat(100) })}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index));

function open(file: string, flags: number): number {
  const fd = openSync(file, flags);
  onTestFinished(() => {
    closeSync(fd);
  });
  return fd;
}

async function fileWriter(maxWaitingBytes?: number) {
  const file = path.join(await temporaryFolder(), 'log');
  const writer = new LogWriter(open(file, constants.O_CREAT | constants.O_WRONLY), maxWaitingBytes);
  return { writer, content: () => readFile(file, 'utf8') };
}

/** A pipe as a container's stderr is one, with nobody reading as yet; it holds 64 KiB. */
async function pipeWriter(maxWaitingBytes?: number) {
  const file = path.join(await temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [file]);
  const reader = open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = new LogWriter(open(file, constants.O_WRONLY | constants.O_NONBLOCK), maxWaitingBytes);
  let text = Buffer.alloc(0);
  const read = () => {
    const chunk = Buffer.alloc(1024 * 1024);
    text = Buffer.concat([text, chunk.subarray(0, readSync(reader, chunk))]);
    return text.toString();
  };
  return { writer, read };
}

describe('the log', () => {
  test('has every line in its order, when it is closed at the latest', async () => {
    const { writer, content } = await fileWriter();
    for (const text of lines(500)) writer.write(text);
    await writer.close();
    expect(await content()).toBe(lines(500).join(''));
    expect(writer.state).toEqual({ dropped: 0, waitingBytes: 0, problem: undefined });
  });

  test('has a single line soon, without waiting for others', async () => {
    const { writer, content } = await fileWriter();
    writer.write(line(1));
    await expect.poll(content).toBe(line(1));
    await writer.close();
  });

  test('takes lines after it was closed', async () => {
    const { writer, content } = await fileWriter();
    await writer.close();
    writer.write(line(1));
    await expect.poll(content).toBe(line(1));
  });

  test('drops and counts lines beyond what may wait', async () => {
    const { writer, content } = await fileWriter(1000);
    for (const text of lines(10)) writer.write(text);
    expect(writer.state).toMatchObject({ dropped: 6, waitingBytes: 4 * Buffer.byteLength(line(0)) });
    await writer.close();
    expect(await content()).toBe(lines(4).join(''));
  });
});

describe('a reader that stops reading', () => {
  test('holds nothing up, and gets whole lines when it goes on', async () => {
    const { writer, read } = await pipeWriter(200_000);
    for (const text of lines(600)) writer.write(text);
    await expect.poll(() => writer.state.problem).toMatchObject({ code: 'EAGAIN' });
    expect(writer.state.waitingBytes).toBeGreaterThan(0);
    await expect.poll(read).toBe(lines(600).join(''));
    expect(writer.state).toEqual({ dropped: 0, waitingBytes: 0, problem: undefined });
    await writer.close();
  });

  test('does not hold closing up', async () => {
    const { writer, read } = await pipeWriter();
    for (const text of lines(2000)) writer.write(text);
    await writer.close();
    expect(writer.state.problem).toMatchObject({ code: 'EAGAIN' });
    expect(lines(2000).join('')).toContain(read());
  });
});

// A file on which there is never room.
describe.runIf(process.platform === 'linux')('a full disk', () => {
  test('is told in the state while the service goes on', async () => {
    const writer = new LogWriter(open('/dev/full', constants.O_WRONLY));
    for (const text of lines(100)) writer.write(text);
    await expect.poll(() => writer.state.problem).toMatchObject({ code: 'ENOSPC' });
    await writer.close();
  });

  test('is told when it shows as the log is closed', async () => {
    const writer = new LogWriter(open('/dev/full', constants.O_WRONLY));
    writer.write(line(1));
    await writer.close();
    expect(writer.state.problem).toMatchObject({ code: 'ENOSPC' });
  });
});

describe('a process that ends', () => {
  const script = (ending: string) => `
    import { LogWriter } from ${JSON.stringify(path.join(import.meta.dirname, 'log-writer.ts'))};
    const writer = new LogWriter(2);
    for (let index = 0; index < 200; index += 1) writer.write(\`line \${index} \${'x'.repeat(100)}\\n\`);
    ${ending}
  `;

  async function run(ending: string, stderr?: string) {
    const file = stderr ?? path.join(await temporaryFolder(), 'stderr');
    const fd = open(file, constants.O_CREAT | constants.O_RDWR);
    const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script(ending)], {
      stdio: ['ignore', 'ignore', fd],
      timeout: 20_000,
    });
    const text = stderr === undefined ? await readFile(file, 'utf8') : '';
    return { status, count: text.split('\n').filter((entry) => entry.startsWith('line ')).length };
  }

  test.each([
    ['by itself', '', 0],
    ['by process.exit', 'process.exit(3);', 3],
    ['by an exception', 'setImmediate(() => { throw new Error("a bug"); });', 1],
  ])('%s has written every line', async (_, ending, status) => {
    expect(await run(ending)).toEqual({ status, count: 200 });
  });

  test.runIf(process.platform === 'linux').each([
    ['by itself', '', 0],
    ['by process.exit', 'process.exit(3);', 3],
  ])('%s ends the same with a full disk', async (_, ending, status) => {
    expect(await run(ending, '/dev/full')).toMatchObject({ status });
  });
});
