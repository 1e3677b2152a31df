import { defineConfig } from 'vitest/config';

const folders = '{actions,pipelines,runner,service,sample,models,tests,bench,docs}/**';

/** `quick` is `npm test`; `heavy` are whole runs of the product, minutes in all: `npm run test:heavy`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          include: [`${folders}/*.test.ts`],
          exclude: [`${folders}/*.heavy.test.ts`, 'node_modules/**'],
        },
        extends: true,
      },
      // One after the other: each of them wants the whole machine.
      {
        test: { name: 'heavy', include: [`${folders}/*.heavy.test.ts`], fileParallelism: false, testTimeout: 900_000 },
        extends: true,
      },
    ],
    // By default one core is kept free, which on two of them is half the machine.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['actions/**', 'pipelines/**', 'service/**', 'sample/**'],
      exclude: ['**/*.test.ts'],
    },
  },
});
