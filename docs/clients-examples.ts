import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import type { Home } from '../pipelines/adapters/home.ts';
import { type RunningServer, startServer } from '../service/server.ts';
import { readSettings } from '../service/settings.ts';
import { fakeVersion } from '../tests/support/fake-registry.ts';

const MODEL = path.join(import.meta.dirname, '..', 'tests', 'schemathesis', 'model.onnx');

/** Serves a model with the features of the one that the examples of clients.md ask; its score is the sigmoid of their sum. */
export async function serveNextOrder(home: Home): Promise<RunningServer> {
  const registry = openFileRegistry(home.registry, home.work);
  const { version } = await registry.register(MODEL, {
    ...fakeVersion('next-order', 'v1', 'sum'),
    features: {
      orders_28d: { type: 'number' },
      days_since_order: { type: 'number' },
      mean_amount: { type: 'number' },
      last_channel: { type: 'category', values: ['app', 'web'] },
    },
  });
  await registry.setAlias('next-order', 'champion', version);
  return await startServer({ home, settings: readSettings({ PORT: '0' }), log: () => undefined });
}

/** The examples in a language of clients.md, in their order, asking the server at `url`. */
export async function examplesIn(language: string, url: string): Promise<string[]> {
  const page = await readFile(path.join(import.meta.dirname, 'clients.md'), 'utf8');
  const blocks = page.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, name, text = '']) =>
    name === language ? [text.replaceAll('localhost:8080', new URL(url).host)] : [],
  );
}
