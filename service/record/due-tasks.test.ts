import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DueTasks } from './due-tasks.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a task is due from its time on, and the one in charge is told', () => {
  const told: boolean[] = [];
  const tasks = new DueTasks<'flush' | 'sync'>((): unknown => told.push(tasks.has('flush')));
  tasks.addLater('flush', 100);
  expect([tasks.has('flush'), tasks.isAhead('flush'), tasks.isEmpty]).toEqual([false, true, true]);
  vi.advanceTimersByTime(100);
  expect([tasks.has('flush'), tasks.isAhead('flush'), tasks.isEmpty, told]).toEqual([true, false, false, [true]]);
});

test('the first time that was set stands', () => {
  let told = 0;
  const tasks = new DueTasks<'flush'>(() => (told += 1));
  tasks.addLater('flush', 100);
  vi.advanceTimersByTime(60);
  tasks.addLater('flush', 100);
  vi.advanceTimersByTime(40);
  expect(told).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(told).toBe(1);
});

test('a task that is removed is not due, now or later', () => {
  const tasks = new DueTasks<'flush' | 'sync'>(() => undefined);
  tasks.add('flush', 'sync');
  tasks.addLater('flush', 100);
  tasks.remove('flush');
  vi.advanceTimersByTime(100);
  expect([tasks.has('flush'), tasks.has('sync')]).toEqual([false, true]);
});

test('a clock that is stopped leaves what is due', () => {
  const tasks = new DueTasks<'flush' | 'sync'>(() => undefined);
  tasks.add('flush');
  tasks.addLater('sync', 100);
  tasks.stopClock('flush', 'sync');
  vi.advanceTimersByTime(100);
  expect([tasks.has('flush'), tasks.has('sync')]).toEqual([true, false]);
});
