import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Outage {
  /** The store, by way of this. */
  url: string;
  /** From now on connections are cut and refused, as by a store that is down. */
  begin(): Promise<void>;
  /** From now on they are let through. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** For tests: stands in front of a store that others use too, and takes it away from those who come through it. */
export async function outageInFrontOf(url: string): Promise<Outage> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const listen = async (at: number) => {
    const server = createServer((client) => {
      const store = connect(Number(port), hostname);
      for (const socket of [client, store]) {
        open.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          open.delete(socket);
          client.destroy();
          store.destroy();
        });
      }
      client.pipe(store).pipe(client);
    });
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const at = (server.address() as AddressInfo).port;
  const begin = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${at}`,
    begin,
    async end() {
      server = await listen(at);
    },
    close: begin,
  };
}
