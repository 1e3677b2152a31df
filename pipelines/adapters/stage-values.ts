import { dayNumber, parseDay } from '../core/days.ts';
import { parseIsoTime } from '../core/iso-time.ts';
import type { StageType } from './source.ts';

/** A value that does not fit its column in the stage. */
export class StageValueError extends Error {
  override readonly name = 'StageValueError';
  /** Counted from 0. */
  readonly column: number;
  /** For people: "the text "n/a" cannot be read as BIGINT". */
  readonly what: string;

  constructor(column: number, value: unknown, type: StageType) {
    const what = `the ${typeof value === 'string' ? 'text' : typeof value} ${JSON.stringify(String(value))} cannot be read as ${type}`;
    super(`In column ${column}, ${what}.`);
    this.column = column;
    this.what = what;
  }
}

/**
 * A value as its column holds it: BIGINT and TIMESTAMP (microseconds since 1970) as bigint, DATE as days since 1970,
 * the others as themselves. Undefined when nothing fits exactly, so that no digit is lost unseen. Null stays null.
 */
export function stageValue(type: StageType, value: unknown): number | bigint | string | boolean | null | undefined {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'VARCHAR':
      return textOf(value);
    case 'BIGINT':
      return wholeNumber(value);
    case 'DOUBLE':
      return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
    case 'BOOLEAN':
      return truth(value);
    case 'TIMESTAMP':
      return microseconds(value);
    case 'DATE':
      return days(value);
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  const isPlain = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isPlain ? String(value) : undefined;
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined;
  return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
}

function truth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  return Number(value) === 0 ? false : Number(value) === 1 ? true : undefined;
}

function microseconds(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : BigInt(value.getTime()) * 1000n;
  return typeof value === 'string' ? parseIsoTime(value) : undefined;
}

function days(value: unknown): number | undefined {
  const day = typeof value === 'string' ? parseDay(value) : undefined;
  return day === undefined ? undefined : dayNumber(day);
}
