/** Characters that break a line or turn its direction, and those that a terminal takes for commands. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** The lines of a commit message, fit to be shown: no control characters, nothing behind the last letter of a line. */
export function messageLines(message: string): string[] {
  return message.split(/\r\n|\r|\n/).map((line) => line.replaceAll(UNSEEN, ' ').trimEnd());
}

/** The first line that says something, cut to a length for tables and logs. */
export function shownHeader(message: string, maxLength = 100): string {
  const header = messageLines(message).find((line) => line !== '') ?? '';
  return header.length > maxLength ? `${cutWhole(header, maxLength - 1)}…` : header;
}

/** The first characters of a text, none of them halved. */
export function cutWhole(text: string, length: number): string {
  return /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? text.slice(0, length - 1) : text.slice(0, length);
}
