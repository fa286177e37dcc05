/** A number for people: three digits of a small fraction, none after the point of a large one. */
export function formatNumber(value: number): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100
    ? { maximumFractionDigits: 0 }
    : { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
  return value.toLocaleString("en-US", digits);
}

/** The same with its unit, which may be empty. */
export function formatAmount(value: number, unit: string): string {
  return `${formatNumber(value)} ${unit}`.trimEnd();
}
