/** Text that stands as it is in Markdown, on one line: no markup, no mention that calls somebody, no link. */
export function plain(text: string): string {
  return text
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' · ')
    .replace(/[\\`*_{}[\]<>#|~$&]/g, '\\$&')
    .replace(/^[-+](?=[\s-]|$)|(?<=^\d+)[.)](?=\s|$)/, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll(/(?<=\\#)(?=\d)/g, '\u200b')
    .replaceAll(/:(?=\/\/)|(?<=\bwww)\.|(?<=\b(?:mailto|xmpp)):/gi, '\u200b$&');
}

/** A path as a part of an address that a Markdown link can hold. */
export function addressOf(file: string): string {
  return file
    .split('/')
    .map((name) => encodeURIComponent(name).replace(/[()'*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`))
    .join('/');
}
