import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A line of a stack that ends in a file of the disk: `at name (/a/b.ts:1:2)`, `at async file:///a/b.ts:1:2`. */
const PLACE = /^\s+at (?:.*?[\s(])??((?:file:\/\/)?\/.+?):(\d+):(\d+)\)?$/;

/** The project's own places on an error's stack, the innermost first, as `file:line:column` from the root. */
export function ownPlaces(root: string, { stack = '' }: Error): string[] {
  return stack.split('\n').flatMap((at) => {
    const [, name = '', line = '', column = ''] = PLACE.exec(at) ?? [];
    if (name === '') return [];
    const file = path.relative(root, name.startsWith('file:') ? fileURLToPath(name) : name).replaceAll(path.sep, '/');
    const isOwn =
      !file.startsWith('..') && !file.includes('node_modules/') && !file.includes('exception-test/runtime/');
    return isOwn ? [`${file}:${line}:${column}`] : [];
  });
}
