import { diskError } from '../../pipelines/adapters/files.ts';
import { newRecordFile, type RecordWriter } from '../../pipelines/adapters/prediction-files.ts';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';
import type { RecordSettings } from '../settings.ts';
import { DueTasks } from './due-tasks.ts';
import { RecordFile } from './record-file.ts';
import type { RecorderState } from './recorder.ts';
import { type Page, WaitingLines } from './waiting-lines.ts';

export interface LineLogOptions {
  folder: string;
  settings: RecordSettings;
  writer: RecordWriter;
  now: () => Date;
  onProblem: (error: unknown) => void;
  retryMs: number;
}

/** Written first after a failure, to see whether there is room again; readers pass over an empty line. */
const PROBE = { bytes: Buffer.from('\n'), length: 1 };

/**
 * Lines on their way into files of this process: they wait in memory, within bounds, and one write runs at a time. After
 * a failure the file is cut back to what was kept, and from then on a new one is tried again and again.
 */
export class LineLog {
  readonly #options: LineLogOptions;
  /** Policy `always`: clients wait for their rows, and all that wait share one sync. */
  readonly isAwaited: boolean;
  readonly #waiting = new WaitingLines();
  readonly #tasks = new DueTasks<'flush' | 'sync' | 'rotate' | 'probe'>(() => {
    this.#start();
  });
  /** Of those whose rows are being written, and of those in the next round. */
  #group: PromiseWithResolvers<undefined> | undefined;
  #nextGroup: PromiseWithResolvers<undefined> | undefined;
  #file: RecordFile | undefined;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #problem: CleaverError | undefined;
  #counts = { written: 0, dropped: 0, files: 0 };

  constructor(options: LineLogOptions) {
    this.#options = options;
    this.isAwaited = options.settings.fsync === 'always';
  }

  get state(): RecorderState {
    return { ...this.#counts, waitingBytes: this.#waiting.bytes, problem: this.#problem };
  }

  /** Whether rows are taken now; {@link refuse} is for those that are not. */
  get hasRoom(): boolean {
    return (
      this.#waiting.bytes <= this.#options.settings.maxWaitingBytes &&
      this.#closing === undefined &&
      // Their clients would wait for the next try.
      !(this.isAwaited && this.#tasks.has('probe'))
    );
  }

  /** Adds a line of JSON; {@link settle} is to follow. */
  add(json: string): void {
    this.#waiting.add(json);
  }

  /** Sees to it that what was added is written. The promise settles when it is on disk; undefined: nobody need wait. */
  settle(): Promise<void> | undefined {
    if (this.isAwaited) return this.#join().promise;
    this.#tasks.addLater('flush', this.#options.settings.flushMs);
    if (this.#waiting.hasFullPage) this.#start();
    return undefined;
  }

  /** Counts rows as dropped. Error where clients wait: RECORD_UNAVAILABLE. */
  refuse(rows: number): Promise<void> | undefined {
    const why = this.#closing === undefined ? `${this.#waiting.bytes} bytes wait already.` : 'it is closed.';
    const problem = this.#problem ?? unavailable(why);
    this.#report(problem);
    if (this.isAwaited) return Promise.reject(problem);
    this.#counts.dropped += rows;
    return undefined;
  }

  /** Writes what waits, syncs and finishes the file. What cannot be written counts as dropped. */
  async close(): Promise<void> {
    this.#closing ??= this.#finishAll();
    await this.#closing;
  }

  #join(): PromiseWithResolvers<undefined> {
    if (this.#nextGroup !== undefined) return this.#nextGroup;
    this.#nextGroup = Promise.withResolvers();
    // Requests of the same turn join.
    setImmediate(() => {
      this.#start();
    });
    return this.#nextGroup;
  }

  get #hasWork(): boolean {
    return !this.#tasks.isEmpty || this.#nextGroup !== undefined || this.#waiting.hasFullPage;
  }

  /** Begins to write, unless that is being done or is put off until the next try. */
  #start(): void {
    if (this.#running !== undefined || this.#tasks.isAhead('probe') || !this.#hasWork) return;
    this.#running = this.#work();
  }

  async #work(): Promise<void> {
    try {
      while (this.#hasWork) await this.#round();
    } catch (error) {
      await this.#fail(error);
    }
    this.#running = undefined;
  }

  async #round(): Promise<void> {
    const { maxFileBytes, maxWaitingBytes } = this.#options.settings;
    this.#tasks.remove('flush');
    this.#group = this.#nextGroup;
    this.#nextGroup = undefined;
    const pages = this.#waiting.seal();
    if (pages.length > 0 || this.#tasks.has('probe')) await this.#write(pages);
    this.#group?.resolve(undefined);
    this.#group = undefined;
    if (this.#tasks.has('sync')) await this.#sync();
    if (this.#tasks.has('rotate') || (this.#file?.bytes ?? 0) >= maxFileBytes) await this.#finishFile();
    if (this.#waiting.bytes <= maxWaitingBytes / 2) this.#problem = undefined;
  }

  async #write(pages: readonly Page[]): Promise<void> {
    const { fsync, fsyncMs } = this.#options.settings;
    const file = this.#file ?? (await this.#createFile());
    if (this.#tasks.has('probe')) await file.append(PROBE);
    for (const page of pages) {
      await file.append(page);
      if (!this.isAwaited) this.#keep(file, page);
    }
    if (this.isAwaited) {
      await file.sync();
      for (const page of pages) this.#keep(file, page);
    }
    if (fsync === 'interval') this.#tasks.addLater('sync', fsyncMs);
    this.#tasks.remove('probe');
  }

  #keep(file: RecordFile, page: Page): void {
    file.keep();
    this.#waiting.done(page);
    this.#counts.written += page.rows;
  }

  async #createFile(): Promise<RecordFile> {
    const { folder, settings, writer, now } = this.#options;
    const file = await RecordFile.create(newRecordFile(folder, writer, now()));
    this.#file = file;
    this.#counts.files += 1;
    this.#tasks.addLater('rotate', settings.maxFileSeconds * 1000);
    if (settings.fsync !== 'never') await file.syncName();
    return file;
  }

  async #sync(): Promise<void> {
    await this.#file?.sync();
    this.#tasks.remove('sync');
  }

  async #finishFile(): Promise<void> {
    if (this.#options.settings.fsync !== 'never') await this.#sync();
    await this.#file?.finish();
    this.#file = undefined;
    this.#tasks.remove('rotate');
  }

  async #fail(error: unknown): Promise<void> {
    const failure = unavailable(messageOf(diskError(error, this.#options.folder)), error);
    this.#report(failure);
    this.#tasks.remove('flush', 'sync', 'rotate');
    this.#tasks.add('probe');
    for (const group of [this.#group, this.#nextGroup]) group?.reject(failure);
    this.#group = this.#nextGroup = undefined;
    // Their clients have been told; what nobody waits for is kept for the next try.
    if (this.isAwaited) this.#waiting.clear();
    await this.#file?.abandon();
    this.#file = undefined;
    if (this.#closing === undefined) this.#tasks.addLater('probe', this.#options.retryMs);
  }

  async #finishAll(): Promise<void> {
    await this.#running;
    // Once more, be it due or not.
    this.#tasks.stopClock('flush', 'sync', 'rotate', 'probe');
    this.#tasks.add('flush', 'rotate');
    this.#start();
    await this.#running;
    this.#counts.dropped += this.#waiting.clear();
    this.#options.writer.release();
  }

  /** Tells of a trouble as it begins. */
  #report(problem: CleaverError): void {
    const isNew = this.#problem === undefined;
    this.#problem = problem;
    if (isNew) this.#options.onProblem(problem);
  }
}

function unavailable(why: string, cause?: unknown): CleaverError {
  return new CleaverError('RECORD_UNAVAILABLE', `The prediction record is not written: ${why}`, {
    hint: 'Free or mend the disk of the folder predictions in CLEAVER_HOME; the service tries again every second.',
    cause,
  });
}
