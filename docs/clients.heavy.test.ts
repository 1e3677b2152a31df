import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { homeAt } from '../pipelines/adapters/home.ts';
import { findPython } from '../pipelines/adapters/python-environment.ts';
import { CLIENTS_LOCK } from '../tests/clients/install.ts';
import { examplesIn, serveNextOrder } from './clients-examples.ts';

const python = await findPython(CLIENTS_LOCK);
if (python === undefined && process.env['CI']) throw new Error('In CI, run before: npm run test:clients');

test.skipIf(python === undefined)(
  'the example of clients.md for tritonclient prints scores (needs: npm run test:clients)',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'cleaver-clients-'));
    const server = await serveNextOrder(homeAt(folder));
    try {
      const [, text = ''] = await examplesIn('python', server.url);
      const { stdout } = await promisify(execFile)(python ?? '', ['-c', text]);
      expect(stdout).toBe('[1. 1.]\n');
    } finally {
      await server.close();
      await rm(folder, { recursive: true });
    }
  },
);
