import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { listActions, readMetadata, withTables } from './action-tables.ts';

const ACTION_YML = `
name: Test
description: An action.
inputs:
  model:
    description: The folder under models/ | or none.
    required: true
  wait-seconds:
    description: How long to wait; at *most* a day.
    default: '900'
outputs:
  error:
    description: >
      The code
      and message.
runs:
  using: node24
  main: main.ts
`;

async function actionAt(root: string, name: string, text = ACTION_YML) {
  await mkdir(path.join(root, name), { recursive: true });
  await writeFile(path.join(root, name, 'action.yml'), text);
  return await readMetadata(root, name);
}

describe('the tables of an action', () => {
  test('have a row for each input and output, and leave the text around them', async () => {
    const metadata = await actionAt(await temporaryFolder(), 'test');
    expect(withTables('# test\n\n<!-- inputs-outputs -->old<!-- /inputs-outputs -->\n\nend\n', metadata)).toBe(`# test

<!-- inputs-outputs -->

| Input          | Needed | Default | What it is                           |
| -------------- | ------ | ------- | ------------------------------------ |
| \`model\`        | yes    |         | The folder under models/ \\| or none. |
| \`wait-seconds\` | no     | \`900\`   | How long to wait; at *most* a day.   |

| Output  | What it is            |
| ------- | --------------------- |
| \`error\` | The code and message. |

<!-- /inputs-outputs -->

end
`);
  });

  test('are the same when they are made again, and Prettier leaves them as they are', async () => {
    const metadata = await actionAt(await temporaryFolder(), 'test', ACTION_YML.replace('*most*', 'most'));
    const readme = withTables('# test\n\n<!-- inputs-outputs --><!-- /inputs-outputs -->\n', metadata) ?? '';
    expect(withTables(readme, metadata)).toBe(readme);
    const settings = await resolveConfig(import.meta.filename);
    expect(await format(readme, { ...settings, parser: 'markdown' })).toBe(readme);
  });

  test('have no place in a README without both marks, in their order', async () => {
    const metadata = await actionAt(await temporaryFolder(), 'test');
    for (const readme of ['', '<!-- inputs-outputs -->', '<!-- /inputs-outputs --><!-- inputs-outputs -->']) {
      expect(withTables(readme, metadata)).toBeUndefined();
    }
  });
});

test('every folder with an action.yml is listed, at any depth', async () => {
  const root = await temporaryFolder();
  await actionAt(root, 'b');
  await actionAt(root, path.join('a', 'inner'));
  await mkdir(path.join(root, 'none'));
  expect(await listActions(root)).toEqual([path.join('a', 'inner'), 'b']);
});

test('an action without a description of an input is refused', async () => {
  await expect(actionAt(await temporaryFolder(), 'test', 'inputs: { a: {} }\nruns: { using: node24 }')).rejects.toThrow(
    'description',
  );
});
