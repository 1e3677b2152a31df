import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { finishedName } from '../../pipelines/adapters/prediction-files.ts';
import type { Page } from './waiting-lines.ts';

/** A file of the record that is being written. Two calls at once are not for it. */
export class RecordFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #bytes = 0;
  #kept = 0;

  private constructor(file: string, handle: FileHandle) {
    this.#path = file;
    this.#handle = handle;
  }

  /** Makes the file, which must not be there. */
  static async create(file: string): Promise<RecordFile> {
    return new RecordFile(file, await open(file, 'ax'));
  }

  /** Waits until the file's name is on the disk: without it, what is synced of its content is lost in a power cut. */
  async syncName(): Promise<void> {
    await using folder = await open(path.dirname(this.#path));
    await folder.sync();
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes all of a page at the end, or fails with a part of it there. */
  async append({ bytes, length }: Pick<Page, 'bytes' | 'length'>): Promise<void> {
    for (let from = 0; from < length;) {
      const { bytesWritten } = await this.#handle.write(bytes, from, length - from);
      from += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }

  /** Waits until what is written is on the disk. */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** Says that what is written shall stay. */
  keep(): void {
    this.#kept = this.#bytes;
  }

  /** Closes it and gives it the name of a finished file; without anything to keep it is removed. */
  async finish(): Promise<void> {
    await this.#handle.close();
    if (this.#kept === 0) await rm(this.#path);
    else await rename(this.#path, finishedName(this.#path));
  }

  /** After a failure: cuts off what was not kept, and finishes as far as the disk lets it. Never rejects. */
  async abandon(): Promise<void> {
    await Promise.allSettled([this.#handle.truncate(this.#kept)]);
    await Promise.allSettled([this.finish()]);
  }
}
