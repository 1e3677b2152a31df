import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { watchAliases } from './watch-aliases.ts';

/** Watches a registry in memory; its folder is only there to be touched, so that it is looked at. */
async function watching() {
  const root = await temporaryFolder();
  await mkdir(path.join(root, 'shop'));
  const state: { champion: string; problem?: Error } = { champion: 'v1' };
  const [look, heard] = [signal(), signal()];
  const registry = {
    models: () => (state.problem === undefined ? Promise.resolve(['shop']) : Promise.reject(state.problem)),
    alias: (_: string, alias: 'champion' | 'challenger') => {
      if (alias === 'challenger') look.give();
      return Promise.resolve(state.champion);
    },
  };
  onTestFinished(watchAliases(root, registry, heard.give));
  // Until the first look is over nothing is a change.
  await look.next();
  let touched = 0;
  return { root, state, look, heard, touch: () => writeFile(path.join(root, 'shop', String((touched += 1))), '') };
}

/** Something that happens again and again. */
function signal() {
  let next = Promise.withResolvers<undefined>();
  let times = 0;
  return {
    times: () => times,
    give: () => {
      times += 1;
      // Whatever follows at once from it has happened too.
      setImmediate(next.resolve, undefined);
    },
    async next() {
      await next.promise;
      next = Promise.withResolvers();
    },
  };
}

test('a registry that cannot be read is a change, and that it can be read again is another', async () => {
  const { state, heard, touch } = await watching();
  state.problem = new Error('the disk has gone');
  await touch();
  await heard.next();
  delete state.problem;
  await touch();
  await heard.next();
  expect(heard.times()).toBe(2);
});

test('where the system stumbles in telling of changes, changes are heard all the same', async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  process.on('uncaughtExceptionMonitor', note);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', note));
  const { root, state, look, heard, touch } = await watching();
  // Node cannot watch a link that leads nowhere but to itself.
  await symlink('loop', path.join(root, 'loop'));
  await look.next();
  state.champion = 'v2';
  await touch();
  await heard.next();
  expect(heard.times()).toBe(1);
  expect(uncaught).toEqual([]);
});
