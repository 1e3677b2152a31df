import { readdir } from 'node:fs/promises';
import { hasCode, onDisk } from './files.ts';

/** The names in a folder, sorted; none where it is not there yet. Errors: DISK_FAILED, STATE_UNWRITABLE. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await onDisk(folder, () => readdir(folder))).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** A name without its ending, where it has that. */
export function withoutEnding(name: string, ending: string): string {
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}
