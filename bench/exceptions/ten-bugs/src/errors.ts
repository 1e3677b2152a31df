export type OrderErrorCode =
  | 'BAD_CURRENCY'
  | 'BAD_PRICE'
  | 'BAD_QUANTITY'
  | 'INCOMPLETE'
  | 'LOCKED'
  | 'NOT_LISTED'
  | 'NOT_SAVED'
  | 'OUT_OF_STOCK'
  | 'RATES_AWAY'
  | 'UNKNOWN_CURRENCY'
  | 'UNREADABLE'
  | 'WAREHOUSE_AWAY'
  | 'WAREHOUSE_REFUSED';

/** What goes wrong with orders for a reason that somebody can mend. */
export class OrderError extends Error {
  override readonly name = 'OrderError';
  readonly code: OrderErrorCode;

  constructor(code: OrderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
