import fc from "fast-check";
import { SEED } from "./support.ts";

/** All orders of so many of the items. */
export function ordersOf<Item>(items: readonly Item[], size: number): Item[][] {
  if (size === 0) return [[]];
  return items.flatMap((first) =>
    ordersOf(items.filter((item) => item !== first), size - 1).map((rest) => [first, ...rest])
  );
}

/** Draws how many of those that remain make the next page, two at least where there are two: the same for a seed. */
export function pageSizes(): (remaining: number) => number {
  const drawn = fc.sample(fc.nat(), { seed: SEED, numRuns: 1_000, unbiased: true });
  let next = 0;
  return (remaining) =>
    remaining < 2 ? remaining : 2 + drawn[next++ % drawn.length]! % (remaining - 1);
}
