import { expect, test } from 'vitest';
import { rateOf, type Rates } from './exchange-rates.ts';

const busy = () => Object.assign(new Error('busy'), { status: 503 });

/** Is busy so many times, and then has every rate. */
function ratesAfter(refusals: number): { rates: Rates; asked: string[] } {
  const asked: string[] = [];
  const rates: Rates = (currency) => {
    asked.push(currency);
    return asked.length > refusals ? Promise.resolve(1.05) : Promise.reject(busy());
  };
  return { rates, asked };
}

test('a euro is a euro, whatever the source says', async () => {
  const { rates, asked } = ratesAfter(0);
  expect(await rateOf('EUR', rates)).toBe(1);
  expect(asked).toEqual([]);
});

test('the rate is asked for once where the source is not busy', async () => {
  const { rates, asked } = ratesAfter(0);
  expect(await rateOf('CHF', rates)).toBe(1.05);
  expect(asked).toEqual(['CHF']);
});

test('a busy source is asked up to three times', async () => {
  const { rates, asked } = ratesAfter(2);
  expect(await rateOf('CHF', rates)).toBe(1.05);
  expect(asked).toEqual(['CHF', 'CHF', 'CHF']);
});

test('a source that stays busy is away', async () => {
  const { rates, asked } = ratesAfter(3);
  await expect(rateOf('CHF', rates)).rejects.toMatchObject({
    code: 'RATES_AWAY',
    message: 'No rate after 3 attempts',
    cause: { status: 503 },
  });
  expect(asked).toHaveLength(3);
});
