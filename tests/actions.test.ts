import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Action } from '../actions/run-action.ts';
import { listActions, MARKS, readMetadata } from '../docs/action-tables.ts';

const ACTIONS = path.join(import.meta.dirname, '..', 'actions');
/** They run before node_modules are there. */
const COMPOSITE = ['setup'];

const names = await listActions(ACTIONS);

test('the actions are seen', () => {
  expect(names).toEqual(expect.arrayContaining(['commit-lint', 'etl', 'notify-slack', 'setup', 'train', 'watch']));
});

describe.for(names)('%s', (name) => {
  test('has a README with a place for the tables', async () => {
    const readme = await readFile(path.join(ACTIONS, name, 'README.md'), 'utf8');
    for (const mark of MARKS) expect(readme).toContain(mark);
  });

  test('runs its main.ts as TypeScript on Node 24, or needs nothing installed', async () => {
    const { runs } = await readMetadata(ACTIONS, name);
    const wanted = COMPOSITE.includes(name) ? { using: 'composite' } : { using: 'node24', main: 'main.ts' };
    expect(runs).toEqual(wanted);
    if (runs.main !== undefined) expect(existsSync(path.join(ACTIONS, name, runs.main))).toBe(true);
  });

  test('describes itself without expressions: GitHub refuses them in a description', async () => {
    const { inputs, outputs } = await readMetadata(ACTIONS, name);
    for (const { description } of [...Object.values(inputs), ...Object.values(outputs)]) {
      expect(description).not.toContain('${{');
    }
  });
});

describe.for(names.filter((name) => !COMPOSITE.includes(name)))('%s', (name) => {
  test('has in its action.yml what its program reads and sets', async () => {
    const { inputs, outputs } = await readMetadata(ACTIONS, name);
    const { action } = (await import(`../actions/${name}/main.ts`)) as { action: Action<z.ZodObject, string> };
    expect(Object.keys(inputs).sort()).toEqual(Object.keys(action.inputs.shape).sort());
    expect(Object.keys(outputs).sort()).toEqual([...action.outputs, 'error'].sort());
    for (const [input, schema] of Object.entries(action.inputs.shape)) {
      const { required, default: preset } = inputs[input] ?? {};
      const needs = !(schema as z.ZodType).safeParse(preset ?? undefined).success;
      // A default may be an expression, which the runner fills in.
      if (preset?.includes('${{') !== true) expect(needs, input).toBe(required === true);
    }
  });
});
