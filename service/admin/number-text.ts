/** A number for people: `1,234.50`, `−0.10`; with `sign` also `+0.30`. `–` when it is none. */
export function numberText(value: number, decimals: number, sign = false): string {
  if (!Number.isFinite(value)) return '–';
  const format = new Intl.NumberFormat('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: sign ? 'exceptZero' : 'negative',
  });
  return format.format(value).replace('-', '−');
}

/** A share in [0, 1] as percent: `7.3 %`, below one percent `0.42 %`. */
export function percentText(share: number): string {
  return `${numberText(share * 100, share < 0.01 ? 2 : 1)}\u00a0%`;
}

/** Decimals that show a quantity to two digits where it matters: 0.44 → 2, 12 → 0. */
export function decimalsFor(quantity: number): number {
  if (!(quantity > 0) || !Number.isFinite(quantity)) return 2;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(quantity))));
}
