import { homedir } from 'node:os';
import path from 'node:path';

/** Where what can be made again is kept, shared by all state folders: CLEAVER_CACHE, else the person's own cache. */
export function cacheFolder(): string {
  return (
    process.env['CLEAVER_CACHE'] ??
    path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'cleaver')
  );
}
