import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where the tests find an OpenSearch that they may write to. */
export const OPENSEARCH_URL = process.env['OPENSEARCH_URL'] ?? 'http://127.0.0.1:9200';

/** Why tests with these programs are left out here; in CI nothing is left out, so that there they fail. */
export function noProgram(...names: string[]): string | false {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'];
  const missing = names.filter((name) => !folders.some((folder) => existsSync(path.join(folder, name))));
  return missing.length > 0 && !process.env['CI'] && `not on the PATH: ${missing.join(', ')}`;
}

/** The same of OpenSearch. */
export async function noOpenSearch(): Promise<string | false> {
  if (process.env['CI']) return false;
  const isThere = await fetch(OPENSEARCH_URL, { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  return !isThere && `no OpenSearch at ${OPENSEARCH_URL} (OPENSEARCH_URL)`;
}
