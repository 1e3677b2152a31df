/** A value that every database here can store and give back. */
export type SqlValue = string | number | bigint | boolean | null | Date;

export interface UpsertTarget {
  table: string;
  /** Columns in the order of the rows' values. */
  columns: readonly string[];
  /** Columns that make a row unique; a row with the same key is replaced. */
  key: readonly string[];
}

/**
 * The database that predictions are delivered to. Made by `openDatabase(url)` for `sqlite:` and `postgres:`; one test
 * suite runs on both. Errors: DATABASE_UNREACHABLE, DATABASE_QUERY_FAILED, DISK_FULL.
 */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  /** Runs one statement that returns nothing, with `?` for each parameter. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<void>;
  /** All rows of a query, with `?` for each parameter. */
  query<Row extends Record<string, unknown>>(sql: string, parameters?: readonly SqlValue[]): Promise<Row[]>;
  /** Writes rows in bulk; all or none are there afterwards. */
  upsert(target: UpsertTarget, rows: Iterable<readonly SqlValue[]>): Promise<number>;
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  transaction<T>(work: (database: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
