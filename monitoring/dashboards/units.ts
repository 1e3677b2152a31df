import * as units from '@grafana/grafana-foundation-sdk/units';

/** The units of panels, by Grafana's name of each, with the values that it can have. */
export const UNITS = {
  /** Something of all of it, 0 to 1. */
  [units.PercentUnit]: (value: number) => value >= 0 && value <= 1,
  /** A change in percent, which can be negative and over 100. */
  [units.Percent]: Number.isFinite,
  [units.Seconds]: Number.isFinite,
  [units.BytesIEC]: isAmount,
  [units.BytesPerSecondSI]: isAmount,
  [units.BitsPerSecondSI]: isAmount,
  [units.PacketsPerSecond]: isAmount,
  [units.RequestsPerSecond]: isAmount,
  [units.RowsPerSecond]: isAmount,
  /** A count of things. */
  [units.Short]: isAmount,
  /** A number without a unit, such as an AUC, or in the unit of the model's manifest. */
  [units.NoUnit]: Number.isFinite,
  [units.BoolYesNo]: (value: number) => value === 0 || value === 1,
} as const satisfies Record<string, (value: number) => boolean>;

export type Unit = keyof typeof UNITS;

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
