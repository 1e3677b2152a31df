import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startTlsServer } from '../../tests/support/tls-server.ts';
import { certificateExpiry } from './certificate.ts';

test.each(['127.0.0.1', 'localhost'])(
  'the end of a certificate at %s is found, also where nobody trusts it',
  async (host) => {
    const { port, expires } = await startTlsServer(30);
    expect(await certificateExpiry(new URL(`https://${host}:${port}/predict`))).toEqual(expires);
  },
);

test('an address that does not answer is an error', async () => {
  const server = await listening();
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  await expect(certificateExpiry(new URL(`https://127.0.0.1:${port}`))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('one that is connected and says nothing is an error after its time', async () => {
  const { port } = (await listening()).address() as AddressInfo;
  await expect(certificateExpiry(new URL(`https://127.0.0.1:${port}`), 200)).rejects.toThrow(
    `127.0.0.1:${port} has not answered in 200 ms`,
  );
});

async function listening() {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}
