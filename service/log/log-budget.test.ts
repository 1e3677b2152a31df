import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { budgetPerSecond } from './log-budget.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function budgetOfTwo() {
  const told: Record<string, number>[] = [];
  return { told, budget: budgetPerSecond(2, (beyond) => told.push(beyond)) };
}

test('so many of a second pass, the others are counted by kind and told when it ends', () => {
  const { told, budget } = budgetOfTwo();
  expect(['503', '503', '503', '400', '503'].map((kind) => budget.take(kind))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  vi.advanceTimersByTime(999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([{ 503: 2, 400: 1 }]);
});

test('the next second has a budget of its own', () => {
  const { told, budget } = budgetOfTwo();
  for (let second = 0; second < 3; second += 1) {
    expect([budget.take('a'), budget.take('a'), budget.take('a')]).toEqual([true, true, false]);
    vi.advanceTimersByTime(1000);
  }
  expect(told).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
});

test('nothing is told of a second in which all passed, and none is waited for when nothing comes', () => {
  const { told, budget } = budgetOfTwo();
  expect(vi.getTimerCount()).toBe(0);
  budget.take('a');
  vi.advanceTimersByTime(5000);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('closing tells at once what would have been told', () => {
  const { told, budget } = budgetOfTwo();
  for (let count = 0; count < 5; count += 1) budget.take('a');
  budget.close();
  expect(told).toEqual([{ a: 3 }]);
  vi.advanceTimersByTime(5000);
  expect(told).toHaveLength(1);
});
