/** Text that stands as it is in HTML, between tags and in a quoted attribute. What cannot be seen is made visible. */
export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(INVISIBLE, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`)
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Control characters but tab and line feed, and those that turn the direction of text, so that code reads as another. */
const INVISIBLE = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;
