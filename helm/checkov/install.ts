import path from 'node:path';
import { ensurePython } from '../../pipelines/adapters/python-environment.ts';

/** checkov, which looks for what is unsafe in a chart. The lock is made by `pip-compile --generate-hashes`. */
export const LOCK = path.join(import.meta.dirname, 'requirements.lock');

// Made in the cache folder when it is not there; run before the suites that have no network.
if (import.meta.main) await ensurePython(LOCK, (text) => process.stderr.write(`${text}\n`));
