import { Connection } from '../../bench/serve/connection.ts';

/** Sends what `next` gives (a request and the row it asks for) over so many connections, until it gives no more. */
export interface AskOptions {
  port: number;
  connections: number;
  next: () => { request: Buffer; row: number } | undefined;
  onAnswer: (row: number, status: number, body: Buffer) => void;
}

/** Resolves when every request is answered; rejects when a connection breaks. */
export async function askRows({ port, connections, next, onAnswer }: AskOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let open = connections;
  const sendNext = (connection: Connection) => {
    const question = next();
    if (question !== undefined) {
      connection.send(question.request, question.row);
      return;
    }
    connection.close();
    open -= 1;
    if (open === 0) resolve(undefined);
  };
  const handler = {
    onAnswer: (connection: Connection, status: number, body: Buffer) => {
      onAnswer(connection.tag, status, body);
      sendNext(connection);
    },
    onClose: (connection: Connection, error: Error | undefined) => {
      if (connection.isBusy) reject(error ?? new Error('The server hung up on a request.'));
    },
  };
  const all = Array.from({ length: connections }, () => new Connection(port, handler));
  await Promise.all(all.map(({ opened }) => opened));
  for (const connection of all) sendNext(connection);
  await promise;
}
