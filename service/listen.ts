import type { AddressInfo, Server } from 'node:net';
import { hasCode } from '../pipelines/adapters/files.ts';
import { CleaverError, messageOf } from '../pipelines/core/errors.ts';

/** Has a server listen; answers its address for people. Errors: PORT_IN_USE, OPTION_INVALID (a host or port that cannot be). */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen(port, host, () => {
    resolve(undefined);
  });
  try {
    await promise;
    return urlOf(host, (server.address() as AddressInfo).port);
  } catch (cause) {
    if (hasCode(cause, 'EADDRINUSE')) {
      throw new CleaverError('PORT_IN_USE', `Another program listens on port ${port} of ${host}.`, {
        hint: 'Stop it, or choose another: npx cleaver serve --port 8081',
        cause,
      });
    }
    throw new CleaverError('OPTION_INVALID', `Cannot listen on port ${port} of ${host}: ${messageOf(cause)}.`, {
      hint: 'Choose an address of this machine and a port from 1024 to 65535.',
      cause,
    });
  }
}

function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
