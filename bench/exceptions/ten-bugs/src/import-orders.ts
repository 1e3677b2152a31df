import path from 'node:path';
import { acceptOrders, type Judged } from './accept-orders.ts';
import type { Rates } from './exchange-rates.ts';
import { exportReport } from './export-report.ts';
import { importFolder } from './import-folder.ts';
import { noteOrders } from './journal.ts';
import { withLock } from './lock.ts';
import { loadOrders, saveOrders } from './order-store.ts';
import { readPrices } from './price-list.ts';
import type { Stock } from './stock.ts';
import { announceOrders } from './warehouse.ts';

export interface Shop {
  /** Holds inbox/, prices.csv, orders.json, journal/ and report.csv. */
  folder: string;
  warehouse: string;
  rates: Rates;
  stock: Stock;
  log: (line: string) => void;
}

/** Takes in all orders of the inbox that are not known yet. */
export async function importOrders({ folder, warehouse, rates, stock, log }: Shop): Promise<Judged | undefined> {
  const place = (name: string) => path.join(folder, name);
  return withLock(place('lock'), async () => {
    const prices = await readPrices(place('prices.csv'));
    const known = await loadOrders(place('orders.json'));
    const ids = new Set(known.map(({ id }) => id));
    const orders = (await importFolder(place('inbox'), log)).filter(({ id }) => !ids.has(id));
    const judged = await acceptOrders(orders, { prices, rates, stock });
    const all = [...known, ...judged.accepted];
    await saveOrders(place('orders.json'), all);
    await noteOrders(place('journal/orders.log'), judged.accepted);
    announceOrders(warehouse, judged.accepted);
    await exportReport(place('report.csv'), all);
    return judged;
  });
}
