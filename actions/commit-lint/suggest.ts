import { typeByWords, typeNamed } from './commit-words.ts';
import { cutWhole, messageLines } from './message-lines.ts';

/** What a message must keep to, as far as a suggestion can see to it. Lengths in characters. */
export interface MessageRules {
  types: readonly string[];
  scopes: readonly string[];
  maxHeaderLength: number;
  maxLineLength: number;
}

interface Header {
  type: string;
  scope: string;
  breaking: string;
  subject: string;
}

const NOTHING_SAID = 'describe the change';
const TRAILER = /^(BREAKING[ -]CHANGE|[A-Z][a-z]+(-[a-z]+)*-by|Closes|Fixes|Resolves|Refs?): /;
/** commitlint lets lines with an address be as long as they are. */
const ADDRESS = /\bhttps?:\/\/\S+/;

/** A corrected message out of its author's own words: type, valid scope, subject, body and trailers in their form. */
export function suggestMessage(message: string, rules: MessageRules): string {
  const lines = messageLines(message);
  const first = lines.findIndex((line) => line !== '');
  const body = first < 0 ? [] : lines.slice(first + 1);
  const header = readHeader(lines[first]?.replaceAll(/\s+/g, ' ').trim() ?? '', rules);
  let subject = tidySubject(header.subject);
  if (subject === '') subject = tidySubject(body.splice(0, 1)[0] ?? '');
  // commitlint reads a scope up to the last `): ` of the line.
  const scope = header.scope === '' || /\)!?: /.test(subject) ? '' : `(${header.scope})`;
  const prefix = `${header.type}${scope}${header.breaking}: `;
  const [kept, rest] = cutAtWord(subject, rules.maxHeaderLength - prefix.length);
  const head = withoutStop(kept);
  const text = head === '' ? [subject, '', ...body] : [rest, '', ...body];
  return [`${prefix}${head === '' ? NOTHING_SAID : head}`, ...tidyBody(text, rules.maxLineLength)].join('\n');
}

function readHeader(line: string, { types, scopes }: MessageRules): Header {
  // Bullets, emoji and their :names: come before the first word at times.
  const text = line.replace(/^(?:[-*•\s]|\p{Extended_Pictographic}\ufe0f?|:[a-z_]+:)+(?=.)/u, '');
  const found =
    /^(?<word>\w+) ?(?:\((?<scope>[^()]*)\))? ?(?<breaking>!)? ?: ?(?<subject>.*)$/.exec(text)?.groups ??
    /^\[(?<word>\w+)\](?:\((?<scope>[^()]*)\))?(?<breaking>!)?:? ?(?<subject>.*)$/.exec(text)?.groups;
  const { word = '', scope = '', breaking = '', subject = '' } = found ?? {};
  const type = typeNamed(word, types);
  if (type !== undefined) return { type, scope: validScope(scope, scopes), breaking, subject };
  // "core: fix the gate" has its scope for a type.
  const scopeOfWord = validScope(word, scopes);
  const guess = typeByWords(scopeOfWord === '' ? text : subject, types);
  return { type: guess.type, scope: scopeOfWord, breaking: scopeOfWord === '' ? '' : breaking, subject: guess.text };
}

/** The scope as it is to be written, also for another case or number; empty when there is none like it. */
function validScope(given: string, scopes: readonly string[]): string {
  const names = given
    .toLowerCase()
    .split(/[/\\,]/)
    .map((name) => name.trim());
  const found = names.map((name) => scopes.find((scope) => [name, `${name}s`, name.replace(/s$/, '')].includes(scope)));
  return found.every((scope) => scope !== undefined) ? found.join(',') : '';
}

function tidySubject(text: string): string {
  const line = withoutStop(text.replaceAll(/\s+/g, ' ').trim());
  const quiet = /\p{Ll}/u.test(line) ? line : line.toLowerCase();
  const [word = ''] = quiet.split(' ');
  return `${lowerWord(word)}${quiet.slice(word.length)}`;
}

/** A first word without its capital; a name such as GitHub or ONNX keeps its own, in quotes that commitlint looks past. */
function lowerWord(word: string): string {
  if (!/^[\p{Ll}\p{Lu}\p{Lt}]/iu.test(word)) return word;
  const lower = `${word.charAt(0).toLowerCase()}${word.slice(1)}`;
  const isName = /^\p{Lu}.*[\p{Lu}\p{N}]/u.test(word) && word.length <= 30;
  // Some letters have no other case, and count as capitals.
  const isCapital = lower.charAt(0).toUpperCase() === lower.charAt(0);
  if (!isName && !isCapital) return lower;
  const [, name = '', after = ''] = /^(.*?)([:;,!?]*)$/u.exec(word) ?? [];
  return `\`${name}\`${after}`;
}

function withoutStop(text: string): string {
  let end = text.length;
  while ('. '.includes(text.charAt(end - 1)) && end > 0) end -= 1;
  return text.slice(0, end);
}

/** A text as far as it fits, at a word's end where there is one, and what is left of it. */
function cutAtWord(text: string, maxLength: number): [string, string] {
  const length = Math.max(maxLength, 10);
  if (text.length <= length) return [text, ''];
  const space = text.lastIndexOf(' ', length);
  const cut = space > length / 3 ? text.slice(0, space) : cutWhole(text, length);
  return [cut, text.slice(cut.length).trim()];
}

/** The lines under the header: a blank one first, none too long, trailers apart. */
function tidyBody(lines: readonly string[], maxLength: number): string[] {
  const tidy: string[] = [''];
  for (const line of lines) {
    const isTrailer = TRAILER.test(line);
    const previous = tidy.at(-1) ?? '';
    if (isTrailer && previous !== '' && !TRAILER.test(previous)) tidy.push('');
    if (line !== '' || tidy.at(-1) !== '') tidy.push(...wrapLine(line, maxLength));
  }
  while (tidy.at(-1) === '') tidy.pop();
  return tidy;
}

function wrapLine(line: string, maxLength: number): string[] {
  if (line.length <= maxLength || ADDRESS.test(line)) return [line];
  const lines: string[] = [];
  for (let [kept, rest] = cutAtWord(line, maxLength); kept !== ''; [kept, rest] = cutAtWord(rest, maxLength)) {
    lines.push(kept.trimEnd());
  }
  return lines;
}
