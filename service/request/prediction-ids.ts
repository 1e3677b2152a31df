import { randomUUID } from 'node:crypto';

/**
 * A fresh id for each row, under which it is recorded and its outcome told later. They are not made from the request's
 * own ids, neither the protocol's `id` nor X-Request-Id: clients count from 1 again after a restart, and pass the id of a
 * visit on with several requests. Those of one request differ in their end only.
 */
export function predictionIds(rows: number): string[] {
  const id = randomUUID();
  return rows === 1 ? [id] : Array.from({ length: rows }, (_, row) => `${id}-${row}`);
}
