import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** Serves https as far as its certificate, which nobody has signed; ended with the test. */
export async function startTlsServer(days: number): Promise<{ port: number; expires: Date }> {
  const folder = await temporaryFolder();
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', key, '-out', cert];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-days', String(days), '-subj', '/CN=localhost'],
    ...[...kind, ...files],
  ]);
  const text = await readFile(cert, 'utf8');
  const server = createServer({ key: await readFile(key, 'utf8'), cert: text });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, expires: new Date(new X509Certificate(text).validTo) };
}
