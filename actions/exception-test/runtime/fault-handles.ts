import fs from 'node:fs';
import { fileOf } from './fault-files.ts';
import {
  failIfTold,
  failsByCallback,
  replace,
  systemError,
  type Call,
  type FaultPoint,
  type Watcher,
  type Watching,
} from './fault-watcher.ts';

/** An open file, and who watched when it was opened: it may be closed where nobody does. */
interface OpenFile {
  watcher: Watcher | undefined;
  file: string | undefined;
  isWritten: boolean;
}

/** Files that are opened first and then read or written: handles, descriptors, and streams, which use descriptors. */
export function interceptHandles(watching: Watching): void {
  const descriptors = new Map<number, OpenFile>();
  interceptOpen(watching, descriptors);
  interceptStreams(watching);
  for (const name of ['read', 'readv', 'write', 'writev', 'fsync', 'ftruncate']) {
    interceptDescriptorCall(watching, descriptors, name);
  }
  const close = (descriptor: unknown) => {
    const open = descriptors.get(descriptor as number);
    descriptors.delete(descriptor as number);
    if (open !== undefined) noteClosed(open, descriptor as number);
  };
  for (const name of ['close', 'closeSync']) {
    replace(fs, name, (call) => (...given) => {
      close(given[0]);
      return call(...given);
    });
  }
}

function interceptOpen(watching: Watching, descriptors: Map<number, OpenFile>): void {
  replace(fs.promises, 'open', (call) => async (...given) => {
    const [watcher, file, flags] = [watching(), fileOf(given[0]), given[1]];
    failIfTold(watcher, openPoint(file, flags));
    const handle = (await call(...given)) as fs.promises.FileHandle;
    interceptHandle(watching, handle, noteOpened(watcher, handle, file, flags));
    return handle;
  });
  replace(fs, 'openSync', (call) => (...given) => {
    const [watcher, file, flags] = [watching(), fileOf(given[0]), given[1]];
    failIfTold(watcher, openPoint(file, flags));
    const descriptor = call(...given) as number;
    descriptors.set(descriptor, noteOpened(watcher, descriptor, file, flags));
    return descriptor;
  });
  replace(fs, 'open', (call) => (...given) => {
    const [watcher, file, done] = [watching(), fileOf(given[0]), given.at(-1)];
    if (watcher === undefined || typeof done !== 'function') return call(...given);
    const flags = typeof given[1] === 'function' ? undefined : given[1];
    if (failsByCallback(watcher, openPoint(file, flags), given)) return undefined;
    return call(...given.slice(0, -1), (failure: unknown, descriptor: number) => {
      if (failure === null) descriptors.set(descriptor, noteOpened(watcher, descriptor, file, flags));
      (done as Call)(failure, descriptor);
    });
  });
}

/** Streams open their files later, when nothing on the stack is the project's own. */
function interceptStreams(watching: Watching): void {
  for (const name of ['createWriteStream', 'createReadStream']) {
    replace(fs, name, (call) => (...given) => {
      const file = fileOf(given[0]);
      if (file !== undefined) watching()?.planned(file);
      return call(...given);
    });
  }
}

function interceptDescriptorCall(watching: Watching, descriptors: ReadonlyMap<number, OpenFile>, name: string): void {
  const pointOf = (descriptor: unknown): FaultPoint | undefined => {
    const open = descriptors.get(descriptor as number);
    return open && pointIn(open, 'fs', name);
  };
  replace(fs, name, (call) => (...given) => {
    const [watcher, point] = [watching(), pointOf(given[0])];
    if (watcher === undefined || point === undefined || typeof given.at(-1) !== 'function') return call(...given);
    return failsByCallback(watcher, point, given) ? undefined : call(...given);
  });
  replace(fs, `${name}Sync`, (call) => (...given) => {
    const point = pointOf(given[0]);
    if (point !== undefined) failIfTold(watching(), point);
    return call(...given);
  });
}

/** The methods of one open file. */
function interceptHandle(watching: Watching, handle: fs.promises.FileHandle, open: OpenFile): void {
  for (const name of ['read', 'readFile', 'stat', 'write', 'writeFile', 'appendFile', 'truncate', 'sync', 'datasync']) {
    replace(handle, name, (call) => async (...given) => {
      const watcher = watching();
      if (watcher !== undefined) failIfTold(watcher, pointIn(open, 'FileHandle', name));
      return await Reflect.apply(call, handle, given);
    });
  }
  replace(handle, 'close', (call) => async (...given) => {
    noteClosed(open, handle);
    return await Reflect.apply(call, handle, given);
  });
}

function openPoint(file: string | undefined, flags: unknown): FaultPoint {
  return { call: 'fs.open', file, error: () => systemError(isWriting(flags) ? 'ENOSPC' : 'EIO', 'fs.open', file) };
}

/** A call on an open file; one that writes goes on with it. */
function pointIn({ watcher, file, isWritten }: OpenFile, of: string, name: string): FaultPoint {
  const isRead = /^(read|stat)/.test(name);
  if (/^(write|append)/.test(name) && isWritten && file !== undefined) watcher?.writing(file);
  return { call: `${of}.${name}`, file, error: () => systemError(isRead ? 'EIO' : 'ENOSPC', name, file) };
}

function noteOpened(
  watcher: Watcher | undefined,
  opened: object | number,
  file: string | undefined,
  flags: unknown,
): OpenFile {
  // What is appended to was not whole before, and is read as such.
  const isWritten = isWriting(flags) && !String(flags).startsWith('a');
  watcher?.opened(opened, file ?? 'a file');
  if (isWritten && file !== undefined) watcher?.writing(file);
  return { watcher, file, isWritten };
}

function noteClosed({ watcher, file, isWritten }: OpenFile, opened: object | number): void {
  if (isWritten && file !== undefined) watcher?.ended(file);
  watcher?.closed(opened);
}

function isWriting(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
  return typeof flags === 'string' && /[wax+]/.test(flags);
}
