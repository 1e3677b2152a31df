import { availableParallelism } from 'node:os';

/**
 * How Node is to run a server on so many cores. A bounded young generation: what Node takes on a large machine holds 30 to
 * 40 MB more; a quarter of this costs a third of the throughput at many connections. On one core the garbage collector's
 * four helpers could only take it from the thread that answers: each collection would interrupt it several times.
 */
export function serverFlags(cores: number): string[] {
  return ['--max-semi-space-size=16', ...(cores === 1 ? ['--single-threaded-gc'] : [])];
}

/** The flags for this machine, as far as this process may use it. Node reads them at its start only. */
export const SERVER_FLAGS = serverFlags(availableParallelism());

/**
 * Starts this very process anew with the flags, where it has not got them: the same process id, and nothing in between
 * that would have to pass signals on. Not where a parent has opened a channel to us (it gives the flags itself), nor
 * on Windows. Told of the compile cache at its start, Node need not load what strips types for the program's first files.
 */
export function becomeServer(compileCache: string): void {
  if (
    process.connected ||
    process.platform === 'win32' ||
    SERVER_FLAGS.every((flag) => process.execArgv.includes(flag))
  )
    return;
  // It is stable enough for what we ask of it, and a person need not hear of it.
  process.execve?.(
    process.execPath,
    [
      process.execPath,
      ...SERVER_FLAGS,
      '--disable-warning=ExperimentalWarning',
      ...process.execArgv,
      ...process.argv.slice(1),
    ],
    { ...process.env, NODE_COMPILE_CACHE: compileCache },
  );
}
