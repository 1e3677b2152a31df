import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{pipelines,service,sample,models,tests,bench}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['pipelines/**', 'service/**', 'sample/**'], exclude: ['**/*.test.ts'] },
  },
});
