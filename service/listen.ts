import type { AddressInfo, Server } from 'node:net';
import { hasCode } from '../pipelines/adapters/files.ts';
import { CleaverError, messageOf } from '../pipelines/core/errors.ts';

const OTHER_PORT = 'Stop it, or choose another: npx cleaver serve --port 8081';
/** What to do where the metrics' port is taken. */
export const OTHER_METRICS_PORT = 'Stop it, or choose another: CLEAVER_METRICS_PORT=9091';

/**
 * Has a server listen; answers its address for people. Errors: PORT_IN_USE, whose hint may be another one, and
 * OPTION_INVALID (a host or port that cannot be).
 */
export async function listen(server: Server, host: string, port: number, hint = OTHER_PORT): Promise<string> {
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
        hint,
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
