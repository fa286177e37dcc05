import type { Target } from "../part.ts";
import { formatAmount } from "./amount.ts";

/** Whether the number is what it must be. One that is not a number is not. */
export function isReached({ value, limit }: Target): boolean {
  return "atLeast" in limit ? value >= limit.atLeast : value <= limit.atMost;
}

/** What it is beside, for people: `its rows, bare: 0.731`. Empty where nothing bounds it. */
export function formatBound({ bound, unit }: Target): string {
  return bound ? `${bound.name}: ${formatAmount(bound.value, unit)}` : "";
}

/** What it must be, for people: `at most 50 ms`. */
export function formatLimit({ limit, unit }: Target): string {
  const [word, number] = "atLeast" in limit
    ? ["at least", limit.atLeast]
    : ["at most", limit.atMost];
  return `${word} ${number.toLocaleString("en-US")} ${unit}`.trimEnd();
}
