import type {
  Difference,
  DifferenceKind,
} from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import type { KindName } from "../clerk/kinds.ts";

/** How something can differ, in the order of the table. */
export const DIFFERENCE_KINDS = [
  "missing",
  "stale",
  "different",
  "role",
  "extra",
  "deleted",
] as const satisfies DifferenceKind[];

/** What became of a difference. */
export interface Fate {
  isRepaired: boolean;
  /** The SQLSTATE by which PostgreSQL refused to store what Clerk has; null when it did not. */
  code: string | null;
}

/** A difference and what became of it. */
export interface Entry extends Difference, Fate {
  name: KindName;
}

/** What was found of one kind of object. */
export interface KindTally {
  /** Whether Clerk has this kind switched on. */
  isEnabled: boolean;
  /** Objects of Clerk's that were compared. */
  compared: number;
  /** Rows that live here. */
  here: number;
  /** Memberships that end with a user or an organization that is extra. */
  withParent: number;
  found: Record<DifferenceKind, number>;
  repaired: number;
  /** Rows that ended because Clerk does not have them; of the repaired ones. */
  removed: number;
}

/** So many differences of each kind of object and of difference are kept by name; the others are only counted. */
export const KEPT = 20;

/** What a check found: counts, and some differences by name. */
export class Tally {
  readonly entries: Entry[] = [];
  readonly #kinds = new Map<KindName, KindTally>();
  readonly #keptLimit: number;

  /** `keepsAll`: every difference is kept by name, however many there are. */
  constructor(names: readonly KindName[], keepsAll: boolean) {
    for (const name of names) this.#kinds.set(name, nothing());
    this.#keptLimit = keepsAll ? Infinity : KEPT;
  }

  /** Null for a kind that is not checked. */
  of(name: KindName): KindTally | null {
    return this.#kinds.get(name) ?? null;
  }

  compared(name: KindName, count: number): void {
    this.#kinds.get(name)!.compared += count;
  }

  here(name: KindName, count: number): void {
    this.#kinds.get(name)!.here += count;
  }

  withParent(name: KindName, count: number): void {
    this.#kinds.get(name)!.withParent += count;
  }

  /** Clerk has the kind switched off: what was counted of rows here is counted anew. */
  switchedOff(name: KindName): void {
    Object.assign(this.#kinds.get(name)!, { isEnabled: false, here: 0, withParent: 0 });
  }

  /** Counts a difference, once it is known what became of it. */
  record(name: KindName, difference: Difference, fate: Fate): void {
    const kind = this.#kinds.get(name)!;
    const count = ++kind.found[difference.kind];
    if (fate.isRepaired) kind.repaired++;
    if (fate.isRepaired && difference.kind === "extra") kind.removed++;
    if (count <= this.#keptLimit) this.entries.push({ name, ...difference, ...fate });
  }

  get found(): number {
    return sum([...this.#kinds.values()].map(foundOf));
  }

  /** Differences that are there even now. */
  get left(): number {
    return sum([...this.#kinds.values()].map(leftOf));
  }
}

/** All differences of a kind of object. */
export function foundOf({ found }: KindTally): number {
  return sum(Object.values(found));
}

/** Those that were not repaired. */
export function leftOf(kind: KindTally): number {
  return foundOf(kind) - kind.repaired;
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function nothing(): KindTally {
  const found = { missing: 0, stale: 0, different: 0, role: 0, extra: 0, deleted: 0 };
  return { isEnabled: true, compared: 0, here: 0, withParent: 0, found, repaired: 0, removed: 0 };
}
