import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { markdownTable } from 'markdown-table';
import { parse } from 'yaml';
import { z } from 'zod';

/** Between them stand the tables. */
export const MARKS = ['<!-- inputs-outputs -->', '<!-- /inputs-outputs -->'] as const;

/** What is read of an action.yml. */
const metadata = z.object({
  inputs: z
    .record(
      z.string(),
      z.object({ description: z.string(), required: z.boolean().default(false), default: z.string().optional() }),
    )
    .default({}),
  outputs: z.record(z.string(), z.object({ description: z.string() })).default({}),
  runs: z.object({ using: z.string(), main: z.string().optional() }),
});

export type ActionMetadata = z.output<typeof metadata>;

/** Every folder under actions/ with an action.yml, by name. */
export async function listActions(root: string): Promise<string[]> {
  const files = await readdir(root, { recursive: true });
  return files
    .filter((file) => path.basename(file) === 'action.yml')
    .map((file) => path.dirname(file))
    .sort();
}

/** An action.yml as GitHub reads it. Errors: what is missing, e.g. a description. */
export async function readMetadata(root: string, name: string): Promise<ActionMetadata> {
  return metadata.parse(parse(await readFile(path.join(root, name, 'action.yml'), 'utf8')));
}

/** A README with the tables of inputs and outputs between its two marks; undefined when it has not both of them. */
export function withTables(readme: string, { inputs, outputs }: ActionMetadata): string | undefined {
  const [opening, closing] = MARKS;
  const begin = readme.indexOf(opening);
  const end = readme.indexOf(closing);
  if (begin === -1 || end < begin) return undefined;
  const tables = [
    tableOf(
      ['Input', 'Needed', 'Default', 'What it is'],
      Object.entries(inputs).map(([name, { description, required, default: preset = '' }]) => [
        code(name),
        required ? 'yes' : 'no',
        preset === '' ? '' : code(preset),
        description,
      ]),
    ),
    tableOf(
      ['Output', 'What it is'],
      Object.entries(outputs).map(([name, { description }]) => [code(name), description]),
    ),
  ].filter((table) => table !== undefined);
  return `${readme.slice(0, begin)}${[opening, ...tables, closing].join('\n\n')}${readme.slice(end + closing.length)}`;
}

/** Undefined where there is nothing to show. */
function tableOf(head: string[], rows: string[][]): string | undefined {
  if (rows.length === 0) return undefined;
  return markdownTable([
    head,
    ...rows.map((row) => row.map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim())),
  ]);
}

function code(text: string): string {
  return `\`${text}\``;
}
