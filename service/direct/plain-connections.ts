import type { Server } from 'node:http';
import { PlainConnection, type PlainConnectionOptions } from './plain-connection.ts';

/** The connections of a server that it reads itself, before Node's HTTP does. */
export class PlainConnections {
  readonly #open = new Set<PlainConnection>();

  /** Takes the new connections of a server; those with anything unusual in them go on to its own listener. */
  constructor(server: Server, options: Omit<PlainConnectionOptions, 'handOver' | 'onGone'>) {
    const byNode = server.listeners('connection');
    const all: PlainConnectionOptions = {
      ...options,
      handOver: (socket) => {
        for (const listener of byNode) listener.call(server, socket);
      },
      onGone: (connection) => this.#open.delete(connection),
    };
    server.removeAllListeners('connection');
    server.on('connection', (socket) => this.#open.add(new PlainConnection(socket, all)));
  }

  /** As Node's server has it for its own. */
  closeIdle(): void {
    for (const connection of this.#open) connection.closeIfIdle();
  }

  closeAll(): void {
    for (const connection of this.#open) connection.destroy();
  }
}
