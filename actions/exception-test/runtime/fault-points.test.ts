import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { interceptCalls } from './fault-points.ts';
import type { Watcher } from './fault-watcher.ts';

/** A driver as packages are: a class with methods that answer by a promise, a callback or a stream. */
const DRIVER = `exports.Client = class Client {
  static async open() { return new Client(); }
  isClosed = false;
  close() { this.isClosed = true; return 'closed'; }
  query(what, done) {
    if (done !== undefined) return void done(null, 'asked');
    return typeof what === 'object' ? what : Promise.resolve('asked');
  }
};`;

/** What the test at hand hears, and which call is to fail. */
let heard: string[] = [];
let failing: string | undefined;
const say = (text: string) => void heard.push(text);
const sink = () =>
  new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
const nameOf = (thing: object | number) => (typeof thing === 'number' ? 'descriptor' : thing.constructor.name);
const watcher: Watcher = {
  before({ call, error }) {
    say(call);
    return call === failing ? error() : undefined;
  },
  opened: (thing) => {
    say(`opened ${nameOf(thing)}`);
  },
  closed: (thing) => {
    say(`closed ${nameOf(thing)}`);
  },
  planned: (file) => {
    say(`planned ${path.basename(file)}`);
  },
  writing: (file) => {
    say(`writing ${path.basename(file)}`);
  },
  written: (file) => {
    say(`written ${path.basename(file)}`);
  },
  ended: (file) => {
    say(`ended ${path.basename(file)}`);
  },
  renamed: (from, to) => {
    say(`renamed ${path.basename(from)} ${path.basename(to)}`);
  },
  removed: (file) => {
    say(`removed ${path.basename(file)}`);
  },
};
let isWatched = false;
let root = '';
let driver: { Client: new () => Client } & { Client: { open(): Promise<Client> } };

interface Client {
  isClosed: boolean;
  close(): string;
  query(what: string): Promise<string>;
  query(what: string, done: (error: Error | null, answer?: string) => void): void;
  query(stream: Writable): Writable;
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'exception-test-'));
  await mkdir(path.join(root, 'node_modules', 'driver'), { recursive: true });
  await writeFile(path.join(root, 'package.json'), '{}');
  await writeFile(path.join(root, 'node_modules', 'driver', 'index.js'), DRIVER);
  interceptCalls(() => (isWatched ? watcher : undefined), root, ['driver#Client.query', 'driver#Client.open']);
  driver = createRequire(path.join(root, 'package.json'))('driver') as typeof driver;
});
afterAll(() => rm(root, { recursive: true, force: true }));
afterEach(() => {
  isWatched = false;
  failing = undefined;
});

/** Answers what is heard while `work` runs, `call` failing. */
async function hear(call: string | undefined, work: () => unknown): Promise<{ heard: string[]; error: unknown }> {
  [heard, failing, isWatched] = [[], call, true];
  try {
    await work();
    return { heard, error: undefined };
  } catch (error) {
    return { heard, error };
  } finally {
    isWatched = false;
  }
}

describe('files', () => {
  test('fail as the system says it, as a promise and at once: reading by EIO, writing by ENOSPC', async () => {
    const file = path.join(await temporaryFolder(), 'a.txt');
    const read = await hear('fs.readFile', () => readFile(file));
    expect(read.error).toMatchObject({ code: 'EIO', syscall: 'readFile', path: file });
    const readAtOnce = await hear('fs.readFile', () => fs.readFileSync(pathToFileURL(file)));
    expect(readAtOnce.error).toMatchObject({ code: 'EIO', path: file });
    const made = await hear('fs.mkdir', () => fs.promises.mkdir(file));
    expect(made.error).toMatchObject({ code: 'ENOSPC', message: `ENOSPC: no space left on device, mkdir '${file}'` });
    expect(fs.existsSync(file)).toBe(false);
  });

  test('that are written in one go are left empty', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'a.txt');
    await writeFile(file, 'old');
    const { heard, error } = await hear('fs.writeFile', () => {
      fs.writeFileSync(file, 'new');
    });
    expect(error).toMatchObject({ code: 'ENOSPC' });
    expect(heard).toEqual(['writing a.txt', 'fs.writeFile', 'ended a.txt']);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  test('are followed as they are renamed and removed', async () => {
    const folder = await temporaryFolder();
    const [from, to] = [path.join(folder, 'a.txt'), path.join(folder, 'b.txt')];
    const { heard } = await hear(undefined, async () => {
      await fs.promises.writeFile(from, 'text');
      fs.renameSync(from, to);
      await fs.promises.rm(to);
    });
    expect(heard.filter((text) => !text.startsWith('fs.'))).toEqual([
      'writing a.txt',
      'written a.txt',
      'renamed a.txt b.txt',
      'removed b.txt',
    ]);
  });

  test('fail by their handles, and are followed until they are closed', async () => {
    const file = path.join(await temporaryFolder(), 'a.txt');
    const { heard, error } = await hear('FileHandle.sync', async () => {
      await using handle = await open(file, 'w');
      await handle.writeFile('text');
      await handle.sync();
    });
    expect(error).toMatchObject({ code: 'ENOSPC', path: file });
    expect(heard).toEqual([
      ...['fs.open', 'opened FileHandle', 'writing a.txt', 'writing a.txt', 'FileHandle.writeFile', 'FileHandle.sync'],
      ...['ended a.txt', 'closed FileHandle'],
    ]);
  });

  test('of a handle that was opened before anybody watched fail too', async () => {
    const file = path.join(await temporaryFolder(), 'a.txt');
    await using handle = await open(file, 'w');
    const { heard, error } = await hear('FileHandle.write', () => handle.write('text'));
    expect(error).toMatchObject({ code: 'ENOSPC' });
    expect(heard).toEqual(['FileHandle.write']);
  });

  test('fail by their descriptors, at once and by a callback', async () => {
    const file = path.join(await temporaryFolder(), 'a.txt');
    const atOnce = await hear('fs.write', () => {
      const descriptor = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_CREAT);
      try {
        fs.writeSync(descriptor, 'text');
      } finally {
        fs.closeSync(descriptor);
      }
    });
    expect(atOnce.error).toMatchObject({ code: 'ENOSPC' });
    expect(atOnce.heard.slice(-2)).toEqual(['ended a.txt', 'closed descriptor']);
    const opening = await hear('fs.open', () => promisify(fs.open)(file, 'r'));
    expect(opening.error).toMatchObject({ code: 'EIO', path: file });
    const later = await hear('fs.read', async () => {
      const descriptor = await promisify(fs.open)(file, 'r');
      await promisify(fs.read)(descriptor, Buffer.alloc(1), 0, 1, 0).finally(() => {
        fs.closeSync(descriptor);
      });
    });
    expect(later.error).toMatchObject({ code: 'EIO' });
  });

  test('fail while a stream reads or writes them', async () => {
    const file = path.join(await temporaryFolder(), 'a.txt');
    const writing = await hear('fs.write', () => pipeline(['text'], fs.createWriteStream(file)));
    expect(writing.error).toMatchObject({ code: 'ENOSPC' });
    expect(writing.heard).toContain('planned a.txt');
    const reading = await hear('fs.read', () => pipeline(fs.createReadStream(file), sink()));
    expect(reading.error).toMatchObject({ code: 'EIO' });
    expect(reading.heard.at(-1)).toBe('closed descriptor');
  });

  test('that nobody watches are left alone', async () => {
    const file = path.join(await temporaryFolder(), 'a.txt');
    heard = [];
    fs.writeFileSync(file, 'text');
    await pipeline(fs.createReadStream(file), fs.createWriteStream(`${file}.copy`));
    expect(await readFile(`${file}.copy`, 'utf8')).toBe('text');
    expect(heard).toEqual([]);
  });
});

describe('processes', () => {
  test('fail as the system says it: by an event, and by the callback', async () => {
    const started = await hear('spawn', async () => {
      const child = spawn(process.execPath, ['--version']);
      const [error] = (await once(child, 'error')) as [Error];
      expect(child.pid).toBeUndefined();
      throw error;
    });
    expect(started.error).toMatchObject({ code: 'EAGAIN', syscall: `spawn ${process.execPath}` });
    expect(started.heard).toEqual(['spawn']);
    const run = await hear('spawn', () => promisify(execFile)(process.execPath, ['--version']));
    expect(run.error).toMatchObject({ code: 'EAGAIN' });
    const atOnce = await hear('spawnSync', () => spawnSync(process.execPath, ['--version']));
    expect(atOnce.error).toMatchObject({ code: 'EAGAIN' });
  });

  test('are open until they have ended', async () => {
    const { heard } = await hear(undefined, () => promisify(execFile)('true'));
    expect(heard).toEqual(['spawn', 'opened ChildProcess', 'closed ChildProcess']);
  });
});

test('a connection is reset', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const connect = () => once(net.connect(port, '127.0.0.1'), 'connect');
  const { error } = await hear('net.connect', connect);
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  const [socket] = await Promise.all([once(server, 'connection'), hear(undefined, connect)]);
  (socket as net.Socket[])[0]?.destroy();
  server.close();
});

describe('SQLite', () => {
  test('fails by a failing disk, and is open until it is closed', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const { heard, error } = await hear('StatementSync.all', () => {
      using database = new DatabaseSync(':memory:');
      database.exec('CREATE TABLE t (a)');
      return database.prepare('SELECT * FROM t').all();
    });
    expect(error).toMatchObject({ code: 'ERR_SQLITE_ERROR', errcode: 10, message: 'disk I/O error' });
    expect(heard.filter((text) => text !== 'StatementSync.all')).toEqual([
      ...['new DatabaseSync', 'opened Watched', 'DatabaseSync.exec', 'DatabaseSync.prepare', 'closed Watched'],
    ]);
    const opening = await hear('new DatabaseSync', () => new DatabaseSync(':memory:'));
    expect([opening.heard, opening.error]).toEqual([['new DatabaseSync'], expect.objectContaining({ errcode: 10 })]);
  });

  test('is itself for whoever asks', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(':memory:');
    expect(database).toBeInstanceOf(DatabaseSync);
    database.close();
    expect(database.isOpen).toBe(false);
  });
});

describe('methods of packages', () => {
  const FAULT: unknown = expect.objectContaining({
    code: 'ECONNRESET',
    message: expect.stringMatching(/^IO Error:/) as string,
  });

  test('fail by the promise, the callback or the stream', async () => {
    const client = new driver.Client();
    expect((await hear('Client.query', () => client.query('one'))).error).toEqual(FAULT);
    const byCallback = () =>
      new Promise((resolve, reject) => {
        client.query('one', (error, answer) => {
          if (error === null) resolve(answer);
          else reject(error);
        });
      });
    expect((await hear('Client.query', byCallback)).error).toEqual(FAULT);
    const asked = () => client.query(sink());
    expect((await hear('Client.query', () => pipeline(['one'], asked()))).error).toEqual(FAULT);
    expect(await client.query('one')).toBe('asked');
  });

  test('of the class itself fail too, and what they give is open until it is closed', async () => {
    expect((await hear('Client.open', () => driver.Client.open())).error).toEqual(FAULT);
    const { heard } = await hear(undefined, async () => {
      const client = await driver.Client.open();
      expect(client.close()).toBe('closed');
      expect(client.isClosed).toBe(true);
    });
    expect(heard).toEqual(['Client.open', 'opened Client', 'closed Client']);
  });

  test('that are not there are an error, which names the option', () => {
    expect(() => {
      interceptCalls(() => undefined, root, ['driver#Client.ask']);
    }).toThrow('There is no Client.ask in driver (faults.calls: driver#Client.ask).');
  });
});
