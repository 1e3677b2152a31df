/** A name in SQL, whatever characters it has: `"odd ""name"""`. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a literal of standard SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A query, or a table's name where there is none, as something to SELECT from. */
export function relationOf({ name, sql }: { name: string; sql?: string | undefined }): string {
  // The line break ends a comment on the query's last line.
  return sql === undefined ? quoteName(name) : `(${sql.trim().replace(/;$/, '')}\n) AS ${quoteName(name)}`;
}
