/**
 * Sections one after the other, the footer at the end, in so many characters: from the first section that is too long on
 * whole sections are left out, of that one the lines that fit are kept (none of a section with a code block or HTML,
 * which must be closed), and `note` says so.
 */
export function fitSections(sections: readonly string[], footer: string, note: string, maxLength: number): string {
  const whole = [...sections, footer].join('\n');
  if (whole.length <= maxLength) return whole;
  const end = `\n${note}\n\n${footer}`;
  const kept: string[] = [];
  let room = maxLength - end.length;
  for (const section of sections) {
    if (section.length + 1 <= room) {
      kept.push(section);
      room -= section.length + 1;
      continue;
    }
    if (!/^(```|<)/m.test(section)) kept.push(section.slice(0, section.lastIndexOf('\n', room - 1) + 1));
    break;
  }
  return kept.join('\n') + end;
}
