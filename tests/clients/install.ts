import path from 'node:path';
import { ensurePython } from '../../pipelines/adapters/python-environment.ts';

/** The Python clients, locked by hash; their environment lies beside the trainer's in the cache. */
export const CLIENTS_LOCK = path.join(import.meta.dirname, 'requirements.lock');

// `node tests/clients/install.ts`: makes the environment where it is not there yet, and prints its Python.
if (import.meta.main) {
  const python = await ensurePython(CLIENTS_LOCK, (text) => process.stderr.write(`${text}\n`));
  process.stdout.write(`${python}\n`);
}
