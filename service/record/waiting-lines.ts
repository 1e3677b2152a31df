import { crc32 } from 'node:zlib';
import { CRC_DIGITS } from '../../pipelines/adapters/prediction-lines.ts';

/** Lines ready to be written. */
export interface Page {
  readonly bytes: Buffer;
  length: number;
  rows: number;
}

/** When so much waits it is worth a write of its own. */
export const PAGE_BYTES = 64 * 1024;

const SPARE_PAGES = 4;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const HEX = Buffer.from('0123456789abcdef');

/** Lines that wait to be written, in pages: bytes outside of the heap, so that what waits costs no garbage collection. */
export class WaitingLines {
  readonly #full: Page[] = [];
  readonly #spare: Buffer[] = [];
  #last: Page = this.#newPage(PAGE_BYTES);
  #bytes = 0;

  /** Bytes of all lines that wait, those handed out by {@link seal} too until they are {@link done}. */
  get bytes(): number {
    return this.#bytes;
  }

  get hasFullPage(): boolean {
    return this.#full.length > 0;
  }

  /** Adds one line: the CRC-32 of the JSON in eight hex digits, a space, the JSON. */
  add(json: string): void {
    // A UTF-16 unit becomes three bytes at most.
    const most = CRC_DIGITS + 1 + json.length * 3 + 1;
    if (this.#last.length + most > this.#last.bytes.length) this.#turnPage(most);
    const page = this.#last;
    const from = page.length + CRC_DIGITS + 1;
    const end = from + page.bytes.write(json, from);
    writeHex(page.bytes, page.length, crc32(page.bytes.subarray(from, end)));
    page.bytes[from - 1] = SPACE;
    page.bytes[end] = NEWLINE;
    this.#bytes += end + 1 - page.length;
    page.length = end + 1;
    page.rows += 1;
  }

  /** All pages that wait, the last one too: what is added from now on is on other pages. */
  seal(): readonly Page[] {
    if (this.#last.length > 0) this.#turnPage(0);
    return [...this.#full];
  }

  /** Lets go of a page, the first of those that wait. Its bytes are used again. */
  done(page: Page): void {
    this.#full.shift();
    this.#bytes -= page.length;
    if (page.bytes.length === PAGE_BYTES && this.#spare.length < SPARE_PAGES) this.#spare.push(page.bytes);
  }

  /** Lets go of all; answers how many rows they were. */
  clear(): number {
    const pages = this.seal();
    for (const page of pages) this.done(page);
    return pages.reduce((rows, page) => rows + page.rows, 0);
  }

  #turnPage(bytes: number): void {
    if (this.#last.length > 0) this.#full.push(this.#last);
    this.#last = this.#newPage(Math.max(PAGE_BYTES, bytes));
  }

  #newPage(size: number): Page {
    const spare = size === PAGE_BYTES ? this.#spare.pop() : undefined;
    return { bytes: spare ?? Buffer.allocUnsafeSlow(size), length: 0, rows: 0 };
  }
}

function writeHex(into: Buffer, at: number, value: number): void {
  for (let digit = 0; digit < CRC_DIGITS; digit += 1) {
    into[at + digit] = HEX[(value >>> (4 * (CRC_DIGITS - 1 - digit))) & 15] ?? 0;
  }
}
