import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';

/**
 * When the certificate ends that an https address shows, also one that is over or that nobody trusts. Errors: those of the
 * network, and one when it has not answered in time.
 */
export async function certificateExpiry(url: URL, timeoutMs = 10_000): Promise<Date> {
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  // What it shows is looked at, and nothing is sent.
  const servername = isIP(host) === 0 ? host : '';
  const socket = connect({ host, port: Number(url.port || 443), servername, rejectUnauthorized: false });
  const late = setTimeout(() => {
    socket.destroy(new Error(`${url.host} has not answered in ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await once(socket, 'secureConnect');
    return new Date(socket.getPeerCertificate().valid_to);
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}
