import type { Socket } from 'node:net';

/** What the line needs of a connection. */
export type Pausable = Pick<Socket, 'pause' | 'resume' | 'on' | 'off'>;

/** Connections that are not read for now, in the order in which they came. */
export class ConnectionLine {
  readonly #perTurn: number;
  readonly #nextTurn: (work: () => void) => void;
  #waiting: Pausable[] = [];

  /** `perTurn` of them are read again in each turn of the event loop, of which `nextTurn` calls once. */
  constructor(perTurn: number, nextTurn: (work: () => void) => void = setImmediate) {
    this.#perTurn = perTurn;
    this.#nextTurn = nextTurn;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Reads no more of a connection until it comes first. */
  add(connection: Pausable): void {
    connection.pause();
    connection.on('resume', pauseAgain);
    if (this.#waiting.push(connection) === 1) this.#nextTurn(this.#letGo);
  }

  /** Reads all of them again at once. */
  dissolve(): void {
    for (const connection of this.#waiting.splice(0)) read(connection);
  }

  readonly #letGo = (): void => {
    for (const connection of this.#waiting.splice(0, this.#perTurn)) read(connection);
    if (this.isWaiting) this.#nextTurn(this.#letGo);
  };
}

function read(connection: Pausable): void {
  connection.off('resume', pauseAgain);
  connection.resume();
}

/** Node resumes a connection late, for what is left of a request that has been answered already. */
function pauseAgain(this: Pausable): void {
  this.pause();
}
