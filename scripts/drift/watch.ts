import type { KindName } from "../clerk/kinds.ts";
import { formatCount, formatSeconds, type Progress } from "../command/progress.ts";

/** Told what happens. */
export interface Watch {
  instance(id: string): void;
  /** Clerk's list of a kind is begun. */
  begin(name: KindName): void;
  /** So much of it is compared. */
  page(total: number, done: number): void;
  end(): void;
  /** So many rows were not in Clerk's list, and are asked for one by one. */
  asking(name: KindName, count: number): void;
  /** A kind is compared again, for the repair has moved what it had compared before. */
  again(name: KindName): void;
  /** What a webhook may be about to change is looked at again, after so long. */
  settling(ms: number): void;
}

/** Shows a check to those who wait for it. */
export function watchOf(progress: Progress): Watch {
  return {
    instance: (id) => progress.note(`Clerk's instance is ${id}`),
    begin: (name) => progress.begin(name, null, 0),
    page: (total, done) => progress.step(total, done),
    end: () => progress.end(),
    asking: (name, count) =>
      progress.note(`${name}: ${formatCount(count)} not in Clerk's list; asking for each of them`),
    again: (name) => progress.note(`${name}: looking at all again, for slugs have moved`),
    settling: (ms) =>
      progress.note(`looking again in ${formatSeconds(ms / 1000)}: a webhook may be under way`),
  };
}
