import { once } from 'node:events';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newSchema, noPostgres } from '../../tests/databases/postgres-schema.ts';
import { postgresConnections, type PostgresConnections } from './postgres-connection.ts';

describe.skipIf(noPostgres !== undefined)('connections', () => {
  let schema: Awaited<ReturnType<typeof newSchema>>;
  let connections: PostgresConnections;

  beforeEach(async () => {
    schema = await newSchema();
    connections = postgresConnections(schema.url, {
      unreachable: 'DATABASE_UNREACHABLE',
      queryFailed: 'DATABASE_QUERY_FAILED',
    });
  });

  afterEach(async () => {
    await connections.pool.end();
    await schema.drop();
  });

  /** Which of the server's processes answers; it is another one for each connection. */
  async function processOf(runner: pg.Pool | pg.PoolClient): Promise<number> {
    const { rows } = await runner.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid ?? 0;
  }

  test('an idle connection that the server closes is replaced when the next one is needed', async () => {
    const { pool } = connections;
    const idle = await processOf(pool);
    const closed = once(pool, 'error');
    await schema.run(`SELECT pg_terminate_backend(${idle})`);
    await closed;
    expect(pool.totalCount).toBe(0);
    expect(await processOf(pool)).not.toBe(idle);
  });

  test('what a transaction refuses costs no connection', async () => {
    const { pool, inTransaction } = connections;
    const first = await processOf(pool);
    const refused = inTransaction('BEGIN', (client) => client.query('SELECT * FROM nowhere'));
    await expect(refused).rejects.toMatchObject({ code: '42P01' });
    const stumbled = inTransaction('BEGIN', async (client) => {
      await client.query('CREATE TABLE half (id int)');
      throw new RangeError('changed my mind');
    });
    await expect(stumbled).rejects.toThrow(new RangeError('changed my mind'));
    expect(await inTransaction('BEGIN', processOf)).toBe(first);
    await expect(pool.query('SELECT * FROM half')).rejects.toMatchObject({ code: '42P01' });
  });

  test('a transaction whose connection breaks ends with why, and the next one has a new connection', async () => {
    const { pool, inTransaction } = connections;
    const broken = inTransaction('BEGIN', async (client) => {
      await client.query('CREATE TABLE half (id int)');
      await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(broken).rejects.toMatchObject({ code: '57P01' });
    expect(pool.totalCount).toBe(0);
    const next = inTransaction('BEGIN', (client) => client.query('SELECT * FROM half'));
    await expect(next).rejects.toMatchObject({ code: '42P01' });
  });
});
