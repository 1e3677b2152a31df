import { mkdirSync, watch as watchFolder } from 'node:fs';
import { messageOf } from '../core/errors.ts';
import type { Registry } from './registry.ts';

/** How often the aliases are read again where the system does not tell of changes (network file systems). */
const POLL_MS = 1_000;

/**
 * Calls `onChange` when a champion or challenger of the registry in the folder `root` has changed, and when it cannot be
 * read any more: who then reads it meets the error. Looks at every hint of the system and once a second, until the
 * function that it answers is called.
 */
export function watchAliases(
  root: string,
  registry: Pick<Registry, 'models' | 'alias'>,
  onChange: () => void,
): () => void {
  mkdirSync(root, { recursive: true });
  let last: string | undefined;
  const look = async () => {
    const now = await aliasesOf(registry).catch(messageOf);
    if (last !== undefined && now !== last) onChange();
    last = now;
  };
  void look();
  const watcher = watchFolder(root, { recursive: true, persistent: false }, () => void look());
  // exception-test allow swallowed until 2027-11-30: what the system does not tell is seen at the look of each second
  watcher.on('error', () => undefined);
  const timer = setInterval(() => void look(), POLL_MS).unref();
  return () => {
    watcher.close();
    clearInterval(timer);
  };
}

async function aliasesOf(registry: Pick<Registry, 'models' | 'alias'>): Promise<string> {
  const models = await registry.models();
  return JSON.stringify(
    await Promise.all(
      models.map(async (model) => [
        model,
        await registry.alias(model, 'champion'),
        await registry.alias(model, 'challenger'),
      ]),
    ),
  );
}
