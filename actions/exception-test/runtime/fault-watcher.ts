/** A call to the outside world that may be made to fail. */
export interface FaultPoint {
  /** `fs.rename`, `DatabaseSync.exec` … */
  call: string;
  /** The file that it is about, where it is about one. */
  file?: string | undefined;
  /** The error that it would fail with. */
  error: () => Error;
}

/** What is told of calls within a scope. */
export interface Watcher {
  /** Called before a call; the error that it shall fail with, if it shall. */
  before(point: FaultPoint): Error | undefined;
  opened(thing: object | number, what: string): void;
  closed(thing: object | number): void;
  /** A stream is made that will open the file. */
  planned(file: string): void;
  /** A file is begun, or gone on with. */
  writing(file: string): void;
  /** It is whole. */
  written(file: string): void;
  /** It was closed, whole or not. */
  ended(file: string): void;
  renamed(from: string, to: string): void;
  removed(file: string): void;
}

/** Who watches here and now, if anybody does. */
export type Watching = () => Watcher | undefined;

export type Call = (...given: unknown[]) => unknown;

const TEXTS = {
  EIO: 'i/o error',
  ENOSPC: 'no space left on device',
  ECONNRESET: 'connection reset',
  EAGAIN: 'resource temporarily unavailable',
};

/** An error as the system gives it. */
export function systemError(code: keyof typeof TEXTS, call: string, file?: string): Error {
  const syscall = call.replace(/^.*\./, '').replace(/Sync$/, '');
  const error = new Error(`${code}: ${TEXTS[code]}, ${syscall}${file === undefined ? '' : ` '${file}'`}`);
  return Object.assign(error, { code, syscall, ...(file === undefined ? {} : { path: file }) });
}

export function failIfTold(watcher: Watcher | undefined, point: FaultPoint): void {
  const error = watcher?.before(point);
  if (error !== undefined) throw error;
}

/** The same for a call that answers by its last argument; whether it was made to fail. */
export function failsByCallback(watcher: Watcher, point: FaultPoint, given: readonly unknown[]): boolean {
  const error = watcher.before(point);
  if (error === undefined) return false;
  process.nextTick(given.at(-1) as Call, error);
  return true;
}

/** Puts another function in the place of one, which it is given; nothing where there is none. */
export function replace(on: object, name: string, by: (call: Call) => Call): void {
  const holder = on as Record<string, unknown>;
  const call = holder[name];
  if (typeof call === 'function') holder[name] = by(call as Call);
}
