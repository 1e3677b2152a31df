import { OrderError, type OrderErrorCode } from './errors.ts';
import { rateOf, type Rates } from './exchange-rates.ts';
import type { Order } from './parse-orders.ts';
import type { Stock } from './stock.ts';

export interface AcceptedOrder extends Order {
  cents: number;
}

export interface Judged {
  accepted: AcceptedOrder[];
  refused: { id: string; code: OrderErrorCode }[];
}

/** Prices each order in euro cents and takes its pieces from the stock; what fails an order for a known reason refuses it. */
export async function acceptOrders(
  orders: readonly Order[],
  { prices, rates, stock }: { prices: ReadonlyMap<string, number>; rates: Rates; stock: Pick<Stock, 'take'> },
): Promise<Judged> {
  const judged: Judged = { accepted: [], refused: [] };
  for (const order of orders) {
    try {
      const price = prices.get(order.sku);
      if (price === undefined) throw new OrderError('NOT_LISTED', `${order.sku} is not in the price list`);
      const cents = Math.round(price * order.quantity * (await rateOf(order.currency, rates)));
      stock.take(order);
      judged.accepted.push({ ...order, cents });
    } catch (error) {
      if (!(error instanceof OrderError)) throw error;
      judged.refused.push({ id: order.id, code: error.code });
    }
  }
  return judged;
}
