import { defineConfig } from 'vitest/config';
import { exceptionTest } from './actions/exception-test/index.ts';

const folders = '{actions,pipelines,runner,service,sample,models,helm,monitoring,tests,bench,docs}/**';

/**
 * `quick` and `gate` are `npm test`; `heavy` are whole runs of the product, minutes in all: `npm run test:heavy`; `cluster`
 * needs a Kubernetes and a registry: `npm run test:cluster`; `observe` needs Prometheus, Alertmanager and OpenSearch:
 * `npm run test:observe`; `drill` plays a whole story on a cluster: `npm run drill`.
 */
export default defineConfig({
  plugins: [
    exceptionTest({
      include: ['{actions,pipelines,service,sample,runner,docs}/**'],
      // It runs in the manager's browser.
      exclude: ['service/admin/*.js', 'actions/exception-test/**'],
      // Paths of Postgres are reached where there is one: `npx cleaver exceptions` judges, not each `npm test`.
      onPlainRun: false,
      faults: {
        functions: ['pipelines/steps/*.ts#*'],
        declared: ['CleaverError'],
        calls: [
          '@duckdb/node-api#DuckDBInstance.create',
          '@duckdb/node-api#DuckDBConnection.run',
          '@duckdb/node-api#DuckDBConnection.createAppender',
          '@duckdb/node-api#DuckDBResult.fetchAllChunks',
          'pg#Client.query',
        ],
        // Swept by the next command.
        leftovers: ['work/**', 'logs/**'],
      },
    }),
  ],
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          include: [`${folders}/*.test.ts`],
          exclude: [
            `${folders}/*.{heavy,cluster,observe,drill}.test.ts`,
            '**/exception-test/**',
            '**/ten-bugs/**',
            'node_modules/**',
          ],
        },
        extends: true,
      },
      // Apart, as the gate does not judge itself: what counts cannot count itself.
      {
        test: {
          name: 'gate',
          include: [`${folders}/exception-test/**/*.test.ts`],
          exclude: ['**/*.heavy.test.ts', '**/fixtures/**', 'node_modules/**'],
        },
        extends: true,
      },
      // One after the other: each of them wants the whole machine.
      {
        test: {
          name: 'heavy',
          include: [`${folders}/*.heavy.test.ts`],
          exclude: ['**/fixtures/**', 'node_modules/**'],
          fileParallelism: false,
          testTimeout: 900_000,
        },
        extends: true,
      },
      {
        test: {
          name: 'cluster',
          include: [`${folders}/*.cluster.test.ts`],
          exclude: ['node_modules/**'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
        extends: true,
      },
      {
        test: { name: 'drill', include: ['tests/cluster/*.drill.test.ts'], bail: 1, hookTimeout: 600_000 },
        extends: true,
      },
      {
        test: {
          name: 'observe',
          include: [`${folders}/*.observe.test.ts`],
          exclude: ['node_modules/**'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
        extends: true,
      },
    ],
    // By default one core is kept free, which on two of them is half the machine.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second, the default, is not long where other suites run beside.
    expect: { poll: { timeout: 5000 } },
    coverage: {
      provider: 'v8',
      include: ['actions/**', 'pipelines/**', 'service/**', 'sample/**'],
      exclude: ['**/*.test.ts'],
    },
  },
});
