import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { onDisk } from './files.ts';

/** One answered row as a line of a record file has it. */
export interface PredictionLine {
  kind: 'prediction';
  id: string;
  /** ISO text in UTC, milliseconds. */
  time: string;
  model: string;
  version: string;
  role: 'answer' | 'shadow';
  requestId: string;
  score: number | null;
  arm?: 'treated' | 'holdout';
  entity?: string;
  /** Base64 of the row's features as float32, little-endian, in the order of the version's features. */
  values?: string;
  /** The first 16 hex digits of the SHA-256 of these bytes. */
  hash?: string;
}

/** What became of a prediction. */
export interface OutcomeLine {
  kind: 'outcome';
  id: string;
  time: string;
  requestId: string;
  label?: 0 | 1;
  value?: number;
}

export type RecordLine = PredictionLine | OutcomeLine;

/** Before the JSON of a line stand its CRC-32 as so many hex digits and a space. */
export const CRC_DIGITS = 8;

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1 << 20;

/** What a line without its end says; undefined when it is torn, or altered, or not a line of ours. */
export function parseLine(line: Buffer): RecordLine | undefined {
  const json = line.subarray(CRC_DIGITS + 1);
  const crc = crc32(json).toString(16).padStart(CRC_DIGITS, '0');
  if (line.toString('latin1', 0, CRC_DIGITS + 1) !== `${crc} `) return undefined;
  const parsed = parseJson(json.toString());
  return isRecordLine(parsed) ? parsed : undefined;
}

/** The lines of a file, without their ends and without empty ones, as many at a time as were read at once. */
export async function* readLines(file: string): AsyncGenerator<Buffer[]> {
  await using handle = await onDisk(file, () => open(file));
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const { bytesRead, buffer } = await onDisk(file, () => handle.read(Buffer.allocUnsafe(CHUNK_BYTES)));
    if (bytesRead === 0) break;
    const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    yield splitLines(text.subarray(0, end));
    rest = text.subarray(end);
  }
  if (rest.length > 0) yield [rest];
}

function splitLines(text: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf(NEWLINE, from);
    if (end > from) lines.push(text.subarray(from, end));
    from = end + 1;
  }
  return lines;
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecordLine(value: unknown): value is RecordLine {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  return kind === 'prediction' || kind === 'outcome';
}
