/** What must not be read in a log, and what is written in its place. */
export interface Redaction {
  what: string;
  pattern: RegExp;
  instead: string;
}

const NAMES_OF_PEOPLE = ['entity', 'entity_id', 'customer', 'customer_id', 'user_id', 'visitor', 'visitor_id'];

/**
 * The list that every free text passes on its way into a log, in this order. Fields of their own need none of it: they are
 * picked one by one. It knows shapes, not meanings: what a trainer prints of its data in its own words is not found.
 */
export const REDACTIONS: readonly Redaction[] = [
  {
    what: 'a Slack webhook, which is its own key',
    pattern: /\bhttps:\/\/hooks\.slack\.com\/[^\s"']+/gi,
    instead: 'https://hooks.slack.com/***',
  },
  // Up to the last @, which is what a password may have in it too.
  {
    what: 'user and password of a URL',
    pattern: /\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi,
    instead: '$1***@',
  },
  {
    what: 'a secret by its name',
    pattern:
      /\b((?:[\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)|pwd|authorization|cookie)["']?\s*[=:]\s*["']?(?:(?:bearer|basic)\s+)?)[^\s"',;&)]+/gi,
    instead: '$1***',
  },
  { what: 'a bearer token', pattern: /\b(bearer\s+)[\w.~+/=-]{8,}/gi, instead: '$1***' },
  {
    what: 'a key by its shape: of the service, GitHub, Slack, Amazon, a JSON web token',
    pattern:
      /\b(?:cleaver_[\w-]{8,}|gh[a-z]_\w{10,}|github_pat_\w{10,}|xox[a-z]-[\w-]{8,}|AKIA[A-Z0-9]{12,}|eyJ[\w-]+\.[\w-]+\.[\w-]+)/g,
    instead: '***',
  },
  {
    what: 'an e-mail address',
    pattern: /[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
    instead: '***@***',
  },
  { what: 'a telephone number', pattern: /\+\d[\d ().-]{7,}\d/g, instead: '***' },
  { what: 'the key of a row that Postgres refuses', pattern: /\b(Key \([^)]*\)=)\([^)]*\)/g, instead: '$1(***)' },
  { what: 'a row that Postgres refuses', pattern: /\b(row contains )\(.*\)/g, instead: '$1(***)' },
  {
    what: 'a value that a database cannot read',
    pattern:
      /\b((?:invalid input (?:syntax|value) for [^:\n]*: |out of range[^"'\n]*: |Could not (?:convert|cast)[^"'\n]* |Duplicate key |duplicate value ))(?:"[^"\n]*"|'[^'\n]*')/gi,
    instead: '$1***',
  },
];

/** Masks what a log must not have; `names` are those of columns beside whose name a person's id may stand. */
export function redact(text: string, names: readonly string[] = []): string {
  const known = REDACTIONS.reduce((masked, { pattern, instead }) => masked.replace(pattern, instead), text);
  return known.replace(idBeside([...NAMES_OF_PEOPLE, ...names]), '$1***');
}

/** `customer_id = 'C-17'`, `entity 17`: a word with a digit in it, or any value after an equals sign. */
function idBeside(names: readonly string[]): RegExp {
  const either = names.map((name) => name.replaceAll(/[^\w]/g, String.raw`\$&`)).join('|');
  return new RegExp(String.raw`(\b(?:${either})\b["']?\s*)(?:[=:#]\s*["']?[^\s"',;)]+|["']?[\w-]*\d[\w-]*)`, 'gi');
}
