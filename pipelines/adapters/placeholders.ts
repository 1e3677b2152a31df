// What a `?` may stand in without being a placeholder, and the `?` itself; the longer forms come first.
const TOKENS =
  /(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(?<![\w$])\$(\w*)\$[\s\S]*?\$\1\$|\?/g;

/** How many `?` of an SQL text are placeholders: those outside strings, quoted names and comments. */
export function countPlaceholders(sql: string): number {
  return [...sql.matchAll(TOKENS)].filter(([token]) => token === '?').length;
}

/** The SQL with its placeholders `?` numbered as Postgres wants them: `$1`, `$2`, … */
export function numberPlaceholders(sql: string): string {
  let count = 0;
  return sql.replace(TOKENS, (token) => (token === '?' ? `$${++count}` : token));
}
