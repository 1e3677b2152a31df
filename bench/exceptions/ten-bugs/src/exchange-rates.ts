import { OrderError } from './errors.ts';

/** Euros for one unit of a currency. */
export type Rates = (currency: string) => Promise<number>;

const ATTEMPTS = 3;

/** Asks again where the source was busy. */
export async function rateOf(currency: string, rates: Rates): Promise<number> {
  if (currency === 'EUR') return 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rates(currency);
    } catch (error) {
      if (isBusy(error) && attempt < ATTEMPTS) continue;
      if (isBusy(error)) throw new OrderError('RATES_AWAY', `No rate after ${ATTEMPTS} attempts`, { cause: error });
      throw new OrderError('UNKNOWN_CURRENCY', `There is no rate for ${currency}`, { cause: error });
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 503;
}
