import type { Day } from '../core/days.ts';

/** One table to read: the manifest's entry with its name. */
export interface SourceTable {
  name: string;
  /** Column that says when a row became known. */
  time: string;
  /** A query in the source's own dialect instead of the table. */
  sql?: string | undefined;
}

/** Rows known in `[from, before)`; without `from`, all before. */
export interface SourceRange {
  from?: Day | undefined;
  before: Day;
}

/**
 * Where the data comes from. Errors: SOURCE_UNREACHABLE, SOURCE_TABLE_MISSING, SOURCE_QUERY_FAILED.
 */
export interface Source {
  readonly kind: 'sqlite' | 'postgres' | 'files';
  /** The first and last day with a row, undefined for a table without rows. */
  span(table: SourceTable): Promise<{ first: Day; last: Day } | undefined>;
  /**
   * Appends the rows of a range to the table `target` of the stage, making it when it is not there; answers how many.
   * Runs within the stage's transaction, so that a kill leaves nothing half-read.
   */
  read(table: SourceTable, range: SourceRange, stage: StageWriter, target: string): Promise<number>;
  close(): Promise<void>;
}

/** The column types of the stage that sources map their own to. */
export type StageType = 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP' | 'DATE';

/** What a source may do with the stage (a DuckDB database, see `stage.ts`). */
export interface StageWriter {
  /** Runs SQL on the stage; for sources that DuckDB reads by itself (files). Answers the rows changed. */
  run(sql: string): Promise<number>;
  /** Makes the table when it is not there. */
  ensureTable(target: string, columns: readonly { name: string; type: StageType }[]): Promise<void>;
  /** Appends rows given as columns of equal length; values are cast to the table's types. */
  append(target: string, columns: readonly (readonly unknown[])[]): Promise<void>;
  /** A file path in a folder that is swept, for sources that hand their rows over as a file. */
  scratchFile(name: string): Promise<string>;
}
