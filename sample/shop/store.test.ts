import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createShop } from './shop.ts';
import { openShopStore } from './store.ts';
import { writeHistory } from './write-history.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shop-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const newShop = () => createShop({ seed: 4, customers: 400, firstDay: '2025-01-06', changeDay: '2025-02-06' });

function read(file: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

function write(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

function readAll(file: string): Record<string, unknown>[][] {
  return ['customers', 'visits', 'orders', 'offers'].map((table) => read(file, `SELECT * FROM ${table}`));
}

describe('the shop store', () => {
  test('a day is written as the shop lived it, with times as text', () => {
    const file = path.join(folder, 'new', 'shop.db');
    const store = openShopStore(file);
    const rows = newShop().live('2025-01-06', []);
    store.writeDay({ ...rows, offers: { customerId: [7], second: [3661], cost: [0.4] } });
    store.close();
    expect(read(file, 'SELECT * FROM offers')).toEqual([
      { customer_id: 7, offered_at: '2025-01-06 01:01:01', cost: 0.4 },
    ]);
    expect(read(file, 'SELECT count(*) AS n, min(joined_on) AS d FROM customers')).toEqual([
      { n: 380, d: '2025-01-06' },
    ]);
    const orders = read(file, 'SELECT customer_id, amount, margin FROM orders');
    expect(orders).toEqual(
      rows.orders.customerId.map((id, index) => ({
        customer_id: id,
        amount: rows.orders.amount[index],
        margin: rows.orders.margin[index],
      })),
    );
    expect(orders.length).toBeGreaterThan(0);
  });

  test('a day written twice is there once', () => {
    const [once, twice] = [path.join(folder, 'once.db'), path.join(folder, 'twice.db')];
    writeHistory({ file: once, shop: newShop(), days: 5 });
    writeHistory({ file: twice, shop: newShop(), days: 5 });
    writeHistory({ file: twice, shop: newShop(), days: 5 });
    expect(readAll(twice)).toEqual(readAll(once));
  });

  test('a day that fails leaves the former state, and can be written again at once', () => {
    const file = path.join(folder, 'shop.db');
    const store = openShopStore(file);
    const shop = newShop();
    store.writeDay(shop.live('2025-01-06', []));
    const before = readAll(file);
    const priceless = { customerId: [1], second: [0], cost: [null as unknown as number] };
    expect(() => {
      store.writeDay({ ...shop.live('2025-01-07', []), offers: priceless });
    }).toThrow('NOT NULL constraint failed: offers.cost');
    expect(readAll(file)).toEqual(before);
    store.writeDay({ ...shop.live('2025-01-08', []), offers: { ...priceless, cost: [0.4] } });
    store.close();
    expect(read(file, 'SELECT * FROM offers')).toEqual([
      { customer_id: 1, offered_at: '2025-01-08 00:00:00', cost: 0.4 },
    ]);
  });

  test('customers can be corrected later', () => {
    const file = path.join(folder, 'shop.db');
    const store = openShopStore(file);
    const customers = { customerId: [1], category: ['books'], ageGroup: ['60+'], region: ['coast'] };
    store.writeCustomers('2025-01-06', customers);
    store.writeCustomers('2025-01-06', { ...customers, region: ['west'] });
    store.close();
    expect(read(file, 'SELECT * FROM customers')).toEqual([
      { customer_id: 1, joined_on: '2025-01-06', category: 'books', age_group: '60+', region: 'west' },
    ]);
  });

  test('another program reads while a day is written', () => {
    const file = path.join(folder, 'shop.db');
    const store = openShopStore(file);
    expect(read(file, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    store.close();
  });

  test('a file that cannot be made is an error with a hint', () => {
    const blocker = path.join(folder, 'file');
    writeFileSync(blocker, '');
    expect(() => openShopStore(path.join(blocker, 'shop.db'))).toThrow(
      expect.objectContaining({
        code: 'STATE_UNWRITABLE',
        hint: expect.stringContaining('CLEAVER_HOME') as string,
      }) as Error,
    );
  });

  test('a full disk is called that, and nothing of the day is there', () => {
    const file = path.join(folder, 'shop.db');
    const store = openShopStore(file);
    // SQLite says "database or disk is full" of a counter at its end too.
    write(
      file,
      `CREATE TABLE counter (id INTEGER PRIMARY KEY AUTOINCREMENT);
       INSERT INTO counter VALUES (9223372036854775807);
       CREATE TRIGGER fill AFTER INSERT ON orders BEGIN INSERT INTO counter VALUES (NULL); END;`,
    );
    expect(() => {
      store.writeDay(newShop().live('2025-01-06', []));
    }).toThrow(expect.objectContaining({ code: 'DISK_FULL' }) as Error);
    store.close();
    expect(readAll(file)).toEqual([[], [], [], []]);
  });
});

describe('writing a history', () => {
  test('tells each day, and goes on where the shop stands', () => {
    const file = path.join(folder, 'shop.db');
    const shop = newShop();
    const told: string[] = [];
    for (const days of [2, 1]) {
      writeHistory({ file, shop, days, onDay: (day, done) => told.push(`${done} ${day}`) });
    }
    expect(told).toEqual(['1 2025-01-06', '2 2025-01-07', '1 2025-01-08']);
    expect(read(file, 'SELECT DISTINCT date(visited_at) AS day FROM visits')).toEqual(
      ['2025-01-06', '2025-01-07', '2025-01-08'].map((day) => ({ day })),
    );
  });
});
