import { markdownTable } from 'markdown-table';

/** What happened, when, and how long it took. */
export class Timeline {
  readonly #begun = performance.now();
  readonly #rows: string[][] = [];
  #last = this.#begun;

  /** Notes what has just ended; it took the time since the last note. */
  note(what: string): void {
    const now = performance.now();
    const row = [clock(now - this.#begun), clock(now - this.#last), what];
    this.#rows.push(row);
    this.#last = now;
    process.stderr.write(`${row.join('  ')}\n`);
  }

  table(): string {
    return markdownTable([['Minute', 'Took', 'What happened'], ...this.#rows], { align: ['r', 'r', ''] });
  }
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
