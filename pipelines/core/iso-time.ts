const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(?:Z|([+-])(\d{2})(?::?(\d{2}))?))?)?$/;

/**
 * Microseconds since 1970-01-01 UTC of a time written as ISO 8601 text: a day alone, or with a time of day after `T` or
 * a space, with or without seconds, fraction and offset. Without an offset it is UTC. Undefined when it is no such text.
 */
export function parseIsoTime(text: string): bigint | undefined {
  const match = ISO_TIME.exec(text);
  if (!match) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour = 0,
    minute = 0,
    second = 0,
    fraction = '',
    sign,
    offsetHours = 0,
    offsetMinutes = 0,
  ] = match;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(offsetHours) > 15 || Number(offsetMinutes) > 59) return undefined;
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  const midnight = Date.parse(`${String(year)}-${String(month)}-${String(day)}T00:00:00Z`);
  const time = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 * (sign === '-' ? -1 : 1);
  return BigInt(midnight + (time - offset) * 1000) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return day === 29 && isLeapYear;
  return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}
