/** The smallest of the values that so many percent of them do not exceed; NaN when there are none. */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(percent / 100 * sorted.length)) - 1] ?? NaN;
}
