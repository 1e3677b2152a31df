import { mkdir } from 'node:fs/promises';
import { onDisk } from '../adapters/files.ts';
import { homeAt } from '../adapters/home.ts';
import { ensurePython } from '../adapters/python-environment.ts';
import { DEFAULT_TRAINER_LOCK } from '../adapters/trainer.ts';
import type { PersonConsole } from './console.ts';
import type { Answer } from './program.ts';

/** Makes what the first run would make: the state folder and the default trainer's Python environment. */
export async function init(_options: unknown, console: PersonConsole): Promise<Answer> {
  const home = homeAt();
  await onDisk(home.root, () =>
    Promise.all(Object.values(home).map((folder: string) => mkdir(folder, { recursive: true }))),
  );
  const python = await ensurePython(DEFAULT_TRAINER_LOCK, (text) => {
    console.line(text);
  });
  return { json: { outcome: 'done', home: home.root, python }, text: `State: ${home.root}\nTrainer: ${python}` };
}
