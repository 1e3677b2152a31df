import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { gitCommitOf } from './git-commit.ts';

test('where git cannot be asked there is no commit, and no error', async () => {
  vi.stubEnv('PATH', await temporaryFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await gitCommitOf(import.meta.dirname)).toBeUndefined();
});
