import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { ConnectionLine } from './admission-line.ts';

/** A connection as Node's: it says that it is read again only later. */
class FakeConnection extends EventEmitter {
  isRead = true;
  pause(): this {
    this.isRead = false;
    return this;
  }
  resume(): this {
    this.isRead = true;
    return this;
  }
}

function open(perTurn: number) {
  const works: (() => void)[] = [];
  const line = new ConnectionLine(perTurn, (work) => works.push(work));
  const connections = Array.from({ length: 5 }, () => new FakeConnection());
  for (const connection of connections) line.add(connection as never);
  const turn = () => {
    for (const work of works.splice(0)) work();
  };
  return { line, connections, turn, works, read: () => connections.map(({ isRead }) => (isRead ? 1 : 0)).join('') };
}

test('so many are read again in each turn, in the order in which they came, and none is asked for when all are', () => {
  const { line, turn, works, read } = open(2);
  expect([read(), line.isWaiting, works.length]).toEqual(['00000', true, 1]);
  turn();
  expect(read()).toBe('11000');
  turn();
  expect([read(), line.isWaiting]).toEqual(['11110', true]);
  turn();
  expect([read(), line.isWaiting, works.length]).toEqual(['11111', false, 0]);
});

test('a connection that comes again has to wait for the others', () => {
  const { line, connections, turn, read } = open(2);
  turn();
  line.add(connections[0] as never);
  turn();
  expect(read()).toBe('01110');
});

test('one that is read again by somebody else is not, until its turn', () => {
  const { connections, turn, read } = open(4);
  const resumed = connections[0]?.resume();
  resumed?.emit('resume');
  expect(read()).toBe('00000');
  turn();
  resumed?.emit('resume');
  expect(read()).toBe('11110');
  expect(resumed?.listenerCount('resume')).toBe(0);
});

test('all are read again when it is dissolved', () => {
  const { line, turn, works, read } = open(2);
  line.dissolve();
  expect([read(), line.isWaiting]).toEqual(['11111', false]);
  turn();
  expect(works).toEqual([]);
});
