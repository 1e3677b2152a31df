import { addDays, type Day } from '../../pipelines/core/days.ts';
import type { Shop } from './shop.ts';
import { openShopStore } from './store.ts';

export interface HistoryOptions {
  /** The SQLite file; made when it is not there. */
  file: string;
  shop: Shop;
  /** How many days to live from where the shop stands. */
  days: number;
  /** Called after each day is written, with how many are done. */
  onDay?: (day: Day, done: number) => void;
}

/** Lets the shop live some days without offers and writes each to the file. Errors: those of {@link openShopStore}. */
export function writeHistory({ file, shop, days, onDay }: HistoryOptions): void {
  const store = openShopStore(file);
  try {
    for (let done = 1; done <= days; done++) {
      const day = shop.today === undefined ? shop.firstDay : addDays(shop.today, 1);
      store.writeDay(shop.live(day, []));
      onDay?.(day, done);
    }
  } finally {
    store.close();
  }
}
