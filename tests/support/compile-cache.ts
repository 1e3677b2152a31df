import path from 'node:path';

/** Where the processes that tests start keep their compiled modules: it halves the time until they begin. */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: path.join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'node-compile-cache'),
};
