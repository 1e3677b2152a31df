import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Why the tests that need Postgres are left out, or undefined when they run. In CI they always run, and fail without it. */
export const noPostgres: string | undefined =
  process.env['CLEAVER_TEST_POSTGRES'] === undefined && process.env['CI'] === undefined
    ? 'CLEAVER_TEST_POSTGRES is not set; run tests/with-postgres npm test'
    : undefined;

/** A schema of its own on the test server: a URL that works in it, SQL run in it, and its end. */
export async function newSchema(): Promise<{
  url: string;
  run: (sql: string) => Promise<void>;
  drop: () => Promise<void>;
}> {
  const server = process.env['CLEAVER_TEST_POSTGRES'];
  if (server === undefined) throw new Error('CLEAVER_TEST_POSTGRES is not set; run tests/with-postgres npm test');
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(`CREATE SCHEMA ${schema}`);
  return {
    url: url.href,
    async run(sql) {
      await client.query(sql);
    },
    async drop() {
      await client.query(`DROP SCHEMA ${schema} CASCADE`);
      await client.end();
    },
  };
}
