import { appendFile } from 'node:fs/promises';
import { KEY_NAME, makeApiKey, parseApiKeys, parseScopes, SCOPES } from '../../service/access/api-keys.ts';
import { readTextIfThere } from '../adapters/files.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
import type { Answer } from './program.ts';

/**
 * Makes an API key for the service and shows it, this once; with `file` its line goes into that file of keys. Error:
 * OPTION_INVALID (the name or a scope cannot be, the name is taken, the file cannot be written).
 */
export async function newKey(name: string, options: { scopes: string; file?: string }): Promise<Answer> {
  const { file } = options;
  if (!KEY_NAME.test(name)) {
    throw new CleaverError('OPTION_INVALID', `${JSON.stringify(name)} cannot be the name of a key.`, {
      hint: 'Use 1 to 64 letters, digits, dots and dashes: `shop`, `shop-2026`.',
    });
  }
  const scopes = parseScopes(options.scopes);
  if (scopes === undefined) {
    throw new CleaverError('OPTION_INVALID', `${JSON.stringify(options.scopes)} are no scopes.`, {
      hint: `Name some of ${SCOPES.join(', ')} with commas between them, or * for all.`,
    });
  }
  const { key, line } = makeApiKey(name, scopes);
  if (file !== undefined) await addLine(file, name, line);
  return { json: { outcome: 'done', name, scopes, key, line, file }, text: textOf(key, line, file) };
}

async function addLine(file: string, name: string, line: string): Promise<void> {
  if (await appendUnlessTaken(file, name, line)) return;
  throw new CleaverError('OPTION_INVALID', `${file} has a key of the name ${name} already.`, {
    hint: 'Choose another name, such as one with the year. Remove the old line when nobody uses its key any more.',
  });
}

async function appendUnlessTaken(file: string, name: string, line: string): Promise<boolean> {
  try {
    const text = (await readTextIfThere(file)) ?? '';
    if (parseApiKeys(text).keys.some((key) => key.name === name)) return false;
    const lineBreak = text === '' || text.endsWith('\n') ? '' : '\n';
    await appendFile(file, `${lineBreak}${line}\n`, { mode: 0o600 });
    return true;
  } catch (error) {
    throw new CleaverError('OPTION_INVALID', `The key cannot be added to ${file}: ${messageOf(error)}.`, {
      hint: 'Name a file in a folder that is there and may be written, or leave --file out and add the line yourself.',
      cause: error,
    });
  }
}

function textOf(key: string, line: string, file: string | undefined): string {
  const where = file === undefined ? 'Add this line to the file that CLEAVER_API_KEYS_FILE names' : `Added to ${file}`;
  return `${key}\n\nThat is the key; it is not shown again. ${where}, then start the service anew:\n${line}`;
}
