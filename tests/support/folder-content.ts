import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from '../../pipelines/adapters/files.ts';

/**
 * Every file below a folder by its relative path, with the SHA-256 of its content; nothing for a folder not there. What
 * monitoring reads of a state is left out, `metrics` and `logs`: it says when.
 */
export async function folderContent(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/^(metrics|logs)\//.test(path.relative(folder, file)))
    .sort();
  const hashes = await Promise.all(files.map(hashFile));
  return Object.fromEntries(files.map((file, index) => [path.relative(folder, file), hashes[index] ?? '']));
}
