import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { followChildren } from './children.ts';
import { ownPlaces } from './own-places.ts';
import { installRuntime, textOf, type Runtime } from './runtime.ts';
import { readSession, type Errand, type Session } from './session.ts';

const JOINED = Symbol.for('exception-test.joined');

/** Makes this process count for the test that started it: it loads the woven text of each file. */
export function joinSession(sessionFile: string, errandText: string): void {
  const process = globalThis as { [JOINED]?: true };
  const session = readSession(sessionFile);
  // A thread may be told twice: by its environment, and by how it was started.
  if (session === undefined || process[JOINED] === true) return;
  process[JOINED] = true;
  const errand = JSON.parse(errandText) as Errand;
  const runtime = installRuntime(session, errand);
  followChildren(sessionFile, runtime.errand);
  loadWoven(session, (file) => {
    runtime.tell({ say: 'loaded', test: errand.test, file });
  });
  tellUnhandled(session, errand, runtime);
}

function loadWoven({ root, files, woven }: Session, onLoad: (file: string) => void): void {
  const read = readFileSync;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = url.startsWith('file:') ? path.relative(root, fileURLToPath(url)) : '';
      if (file === '' || file.startsWith('..') || file.includes('node_modules')) return loaded;
      const name = file.replaceAll(path.sep, '/');
      onLoad(name);
      const hash = files[name];
      return hash === undefined ? loaded : { ...loaded, source: read(path.join(woven, hash), 'utf8') };
    },
  });
}

/** By a listener of its own, a process would not end any more as it does without one. */
function tellUnhandled({ root }: Session, { test }: Errand, { tell }: Runtime): void {
  const emitter = process as unknown as { emit: (this: NodeJS.Process, ...given: unknown[]) => boolean };
  const emit = emitter.emit;
  emitter.emit = function (...given) {
    const [event, reason] = given;
    if (event === 'unhandledRejection' && this.listenerCount(event) === 0) {
      const [at = test] = reason instanceof Error ? ownPlaces(root, reason) : [];
      tell({ say: 'unhandled', test, error: textOf(reason), at });
    }
    return emit.apply(this, given);
  };
}
