import { mkdir, rmdir } from 'node:fs/promises';
import { OrderError } from './errors.ts';

/** Does the work while nobody else does any under the same lock, a folder. */
export async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    await mkdir(lock);
  } catch (error) {
    throw new OrderError('LOCKED', `Another import holds ${lock}`, { cause: error });
  }
  let result: T | undefined;
  try {
    result = await work();
  } finally {
    await rmdir(lock);
    return result;
  }
}
