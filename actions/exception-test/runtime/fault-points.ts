import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { Duplex, Readable, Writable } from 'node:stream';
import type * as Sqlite from 'node:sqlite';
import { interceptFiles } from './fault-files.ts';
import { interceptHandles } from './fault-handles.ts';
import { failIfTold, replace, systemError, type FaultPoint, type Watcher, type Watching } from './fault-watcher.ts';

/**
 * Puts itself between the project and files, network, processes and databases, for as long as the process lives.
 * `calls` are methods of packages besides, as `package#Class.method`.
 */
export function interceptCalls(watching: Watching, root: string, calls: readonly string[]): void {
  for (const call of calls) interceptMethod(watching, root, call);
  interceptFiles(watching);
  interceptHandles(watching);
  interceptProcesses(watching);
  interceptNetwork(watching);
  interceptSqlite(watching);
  syncBuiltinESMExports();
}

function interceptProcesses(watching: Watching): void {
  const pointOf = (call: string): FaultPoint => ({ call, error: () => systemError('EAGAIN', call) });
  replace(
    childProcess.ChildProcess.prototype,
    'spawn',
    (call) =>
      function (this: childProcess.ChildProcess, ...given: unknown[]) {
        const watcher = watching();
        const [options] = given as [{ file: string }];
        const error = watcher?.before(pointOf('spawn'));
        if (error !== undefined) {
          failBy(this, Object.assign(error, { syscall: `spawn ${options.file}`, path: options.file }));
          return Reflect.apply(call, this, [{ ...options, file: NOWHERE }]);
        }
        watcher?.opened(this, 'a process');
        this.once('exit', () => watcher?.closed(this));
        return Reflect.apply(call, this, given);
      },
  );
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
    replace(childProcess, name, (call) => (...given) => {
      failIfTold(watching(), pointOf(name));
      return call(...given);
    });
  }
}

/** No program is there: Node tells of it by an event, and goes on as with a process that has ended at once. */
const NOWHERE = '/there/is/no/such/program';

function failBy(child: childProcess.ChildProcess, error: Error): void {
  const emit = child.emit.bind(child) as (...given: unknown[]) => boolean;
  child.emit = ((event: string, ...given: unknown[]) =>
    event === 'error' ? emit('error', error) : emit(event, ...given)) as typeof child.emit;
}

function interceptNetwork(watching: Watching): void {
  const point = { call: 'net.connect', error: () => systemError('ECONNRESET', 'net.connect') };
  replace(
    net.Socket.prototype,
    'connect',
    (call) =>
      function (this: net.Socket, ...given: unknown[]) {
        const error = watching()?.before(point);
        if (error === undefined) return Reflect.apply(call, this, given);
        process.nextTick(() => this.destroy(error));
        return this;
      },
  );
}

const IO_ERROR = { code: 'ERR_SQLITE_ERROR', errcode: 10, errstr: 'disk I/O error' };

function interceptSqlite(watching: Watching): void {
  const sqlite = process.getBuiltinModule('node:sqlite') as typeof Sqlite | undefined;
  if (sqlite === undefined) return;
  const pointOf = (call: string): FaultPoint => ({
    call,
    error: () => Object.assign(new Error('disk I/O error'), IO_ERROR),
  });
  const guard = (prototype: object, of: string, names: readonly string[]) => {
    for (const name of names) {
      replace(
        prototype,
        name,
        (call) =>
          function (this: unknown, ...given: unknown[]) {
            failIfTold(watching(), pointOf(`${of}.${name}`));
            return Reflect.apply(call, this, given);
          },
      );
    }
  };
  guard(sqlite.DatabaseSync.prototype, 'DatabaseSync', ['exec', 'prepare']);
  guard(sqlite.StatementSync.prototype, 'StatementSync', ['run', 'get', 'all', 'iterate']);
  const Original = sqlite.DatabaseSync;
  const Watched = class extends Original {
    readonly #watcher: Watcher | undefined;

    constructor(...given: ConstructorParameters<typeof Original>) {
      const watcher = watching();
      failIfTold(watcher, pointOf('new DatabaseSync'));
      super(...given);
      this.#watcher = watcher;
      watcher?.opened(this, 'a database');
    }

    override close(): void {
      this.#watcher?.closed(this);
      super.close();
    }

    override [Symbol.dispose](): void {
      this.#watcher?.closed(this);
      super[Symbol.dispose]();
    }
  };
  // Seen by modules that are loaded from now on: of this module Node does not renew what was imported before.
  (sqlite as { DatabaseSync: unknown }).DatabaseSync = Watched;
}

/** `pg#Client.query`: a method of a class that a package exports, of its instances or of itself. */
function interceptMethod(watching: Watching, root: string, call: string): void {
  const [, name = '', exported = '', method = ''] = /^(.+)#(\w+)\.(\w+)$/.exec(call) ?? [];
  const loaded = createRequire(path.join(root, 'package.json'))(name) as Record<
    string,
    { prototype: object } | undefined
  >;
  const of = loaded[exported];
  const holder = of !== undefined && method in of.prototype ? of.prototype : of;
  if (holder === undefined || !(method in holder)) {
    throw new Error(`There is no ${exported}.${method} in ${name} (faults.calls: ${call}).`);
  }
  const what = `${exported}.${method}`;
  const point = { call: what, error: () => driverError(what) };
  replace(
    holder,
    method,
    (original) =>
      function (this: unknown, ...given: unknown[]) {
        const watcher = watching();
        const error = watcher?.before(point);
        if (error !== undefined) return failedCall(error, given);
        const result = Reflect.apply(original, this, given);
        if (watcher === undefined || !(result instanceof Promise)) return result;
        return result.then((value: unknown) => (watchUntilClosed(watcher, value, what), value));
      },
  );
}

/** Drivers tell that their server or their file is gone by a code, or at the head of the message. */
function driverError(call: string): Error {
  const message = `IO Error: ${call} was made to fail: Input/output error`;
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

/** By the stream that it takes, by the callback, or by a promise. */
function failedCall(error: Error, given: readonly unknown[]): unknown {
  const [stream] = given;
  if (stream instanceof Readable || stream instanceof Writable || stream instanceof Duplex) {
    process.nextTick(() => stream.destroy(error));
    return stream;
  }
  const done = given.at(-1);
  if (typeof done !== 'function') return Promise.reject(error);
  process.nextTick(done, error);
  return new EventEmitter();
}

/** What can be closed is open until it is. */
function watchUntilClosed(watcher: Watcher, thing: unknown, from: string): void {
  if (typeof thing !== 'object' || thing === null) return;
  const closers = ['close', 'closeSync'].filter((name) => name in thing);
  if (closers.length > 0) watcher.opened(thing, `what ${from} gave`);
  for (const name of closers) {
    replace(thing, name, (call) => (...given) => {
      watcher.closed(thing);
      return Reflect.apply(call, thing, given);
    });
  }
}
