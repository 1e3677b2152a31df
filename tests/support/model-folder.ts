import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelManifestInput } from '../../pipelines/core/manifest.ts';

/** Writes `<models>/<name>` with the features of `fakeVersion`; its predictions go to `url`. */
export async function writeModelFolder(models: string, name: string, url?: string): Promise<void> {
  const manifest: ModelManifestInput = {
    title: name,
    source: { url: 'files:none', tables: { orders: { time: 'ordered_at' } } },
    entity: 'customer',
    features: { orders: { type: 'number' }, tier: { type: 'category', values: ['basic', 'gold'] } },
    label: { maturityDays: 3 },
    ...(url !== undefined && { deliver: { url } }),
  };
  await mkdir(path.join(models, name), { recursive: true });
  await writeFile(path.join(models, name, 'model.ts'), `export default ${JSON.stringify(manifest)};\n`);
  for (const query of ['mart.sql', 'label.sql']) await writeFile(path.join(models, name, query), 'SELECT 1');
}
