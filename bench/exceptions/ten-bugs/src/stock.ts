import { OrderError } from './errors.ts';
import type { Order } from './parse-orders.ts';

/** How many pieces of each sku are left to sell. */
export class Stock {
  readonly #left: Map<string, number>;

  constructor(left: Readonly<Record<string, number>>) {
    this.#left = new Map(Object.entries(left));
  }

  leftOf(sku: string): number {
    return this.#left.get(sku) ?? 0;
  }

  /** Takes the pieces of an order out. */
  take({ id, sku, quantity }: Order): void {
    const left = this.leftOf(sku) - quantity;
    this.#left.set(sku, left);
    if (left < 0) throw new OrderError('OUT_OF_STOCK', `${id} wants ${-left} pieces of ${sku} more than there are`);
  }
}
