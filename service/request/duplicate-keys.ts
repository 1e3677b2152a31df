import { RequestError } from './request-error.ts';

/**
 * Refuses a JSON text with the same key twice in one object, of which JSON.parse silently keeps the last. `keys` is how
 * many keys the parsed value has: as long as the text has no more colons than that, none is there twice, and nothing
 * else is looked at. Error: REQUEST_INVALID with the path of the key.
 */
export function refuseDuplicateKeys(text: string, keys: number): void {
  let colons = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) colons += 1;
  if (colons <= keys) return;
  const path = duplicateKey(text);
  if (path === undefined) return;
  throw new RequestError('REQUEST_INVALID', `${path} is given twice.`, { hint: 'Give each key once.', path });
}

// Strings, and what opens, closes, and parts; the rest is of no matter here.
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]/gs;

/** The path of the first key that its object has already, in a text that is JSON. */
function duplicateKey(text: string): string | undefined {
  const levels: { keys?: Set<string>; place: string | number }[] = [];
  let string = '';
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token.startsWith('"')) string = token;
    else if (token === '{') levels.push({ keys: new Set(), place: '' });
    else if (token === '[') levels.push({ place: 0 });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && typeof level?.place === 'number') level.place += 1;
    else if (token === ':' && level?.keys !== undefined) {
      level.place = String(JSON.parse(string));
      if (level.keys.has(level.place)) return pathOf(levels.map(({ place }) => place));
      level.keys.add(level.place);
    }
  }
  return undefined;
}

function pathOf(places: readonly (string | number)[]): string {
  return places
    .map((place) => (typeof place === 'number' ? `[${place}]` : `.${place}`))
    .join('')
    .replace(/^\./, '');
}
