const SHAPE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}(?::?\d{2})?))?)?$/;
const REST = /^(?:\.(\d+))?(?: ?(?:Z|([+-])(\d{2})(?::?(\d{2}))?))?$/;
const MS_PER_400_YEARS = 146_097 * 86_400_000;

/**
 * Microseconds since 1970-01-01 UTC of a time written as ISO 8601 text: a day alone, or with a time of day after `T` or
 * a space, with or without seconds, fraction and offset. Without an offset it is UTC. Undefined when it is no such text.
 */
export function parseIsoTime(text: string): bigint | undefined {
  // Sources have a time in each row, so digits are read in place: captures of a pattern take six times as long.
  if (!SHAPE.test(text)) return undefined;
  const [year, month, day] = [twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8)];
  if (!isDate(year, month, day)) return undefined;
  const hasTime = text.length > 10;
  const hasSeconds = text.charAt(16) === ':';
  const [hour, minute] = hasTime ? [twoDigits(text, 11), twoDigits(text, 14)] : [0, 0];
  const second = hasSeconds ? twoDigits(text, 17) : 0;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  // Four centuries on, since Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const ms = Date.UTC(year + 400, month - 1, day, hour, minute, second) - MS_PER_400_YEARS;
  const rest = text.slice(hasSeconds ? 19 : 16);
  return rest === '' || rest === 'Z' ? BigInt(ms) * 1000n : withRest(ms, rest);
}

/** Adds a fraction of a second and takes off an offset. */
function withRest(ms: number, rest: string): bigint | undefined {
  const [, fraction = '', sign = '+', hours = '0', minutes = '0'] = REST.exec(rest) ?? [];
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return BigInt(ms - offsetMs) * 1000n + BigInt(Number(fraction.padEnd(6, '0').slice(0, 6)));
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return day === 29 && isLeapYear;
  return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}
