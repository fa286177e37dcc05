import type {
  Difference,
  DifferenceKind,
} from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import { isExample } from "../clerk/examples.ts";
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

/** What was found of one kind of object. */
export interface KindReport extends Record<DifferenceKind, number> {
  /** Whether Clerk has this kind switched on. */
  is_enabled: boolean;
  /** Objects of Clerk's that were compared, and rows that live here. */
  compared: number;
  here: number;
  /** Differences that were repaired, and how many of them by a deletion. */
  repaired: number;
  removed: number;
  /** Differences that are there even now. */
  left: number;
  /** Memberships that end with a user or an organization that is extra. */
  with_parent: number;
}

/** One difference: ids and names of columns, no value. */
export interface ReportedDifference {
  object: Difference["object"];
  id: string;
  kind: DifferenceKind;
  fields: string[];
  is_repaired: boolean;
  /** Whether it is one of the examples that Clerk publishes. */
  is_example: boolean;
  /** PostgreSQL's error code, where it refuses what Clerk has. */
  code: string | null;
}

/** What became of a difference. */
export interface Fate {
  isRepaired: boolean;
  /** The SQLSTATE by which PostgreSQL refused to store what Clerk has; null when it did not. */
  code: string | null;
}

/** So many differences of each kind of object and of difference are kept by name; the others are only counted. */
export const KEPT = 20;

/** What a check found, as its report shows it: counts, and some differences by name. */
export class Tally {
  readonly #kinds = new Map<KindName, { counts: KindReport; named: ReportedDifference[] }>();
  readonly #keptLimit: number;

  /** `names`: in their order in the report. `keepsAll`: every difference is kept by name, however many there are. */
  constructor(names: readonly KindName[], keepsAll: boolean) {
    for (const name of names) this.#kinds.set(name, { counts: nothing(), named: [] });
    this.#keptLimit = keepsAll ? Infinity : KEPT;
  }

  /** Null for a kind that is not checked. */
  of(name: KindName): KindReport | null {
    return this.#kinds.get(name)?.counts ?? null;
  }

  /** Counts rows. */
  add(name: KindName, what: "compared" | "here" | "with_parent", count: number): void {
    this.of(name)![what] += count;
  }

  /** Clerk has the kind switched off: what was counted of rows here is counted anew. */
  switchedOff(name: KindName): void {
    Object.assign(this.of(name)!, { is_enabled: false, here: 0, with_parent: 0 });
  }

  /** Counts a difference, once it is known what became of it. */
  record(name: KindName, difference: Difference, { isRepaired, code }: Fate): void {
    const { object, clerkId: id, kind, fields } = difference;
    const { counts, named } = this.#kinds.get(name)!;
    counts[kind]++;
    counts[isRepaired ? "repaired" : "left"]++;
    if (isRepaired && kind === "extra") counts.removed++;
    if (counts[kind] > this.#keptLimit) return;
    named.push({
      object,
      id,
      kind,
      fields,
      is_repaired: isRepaired,
      is_example: isExample(id),
      code,
    });
  }

  get differences(): ReportedDifference[] {
    return [...this.#kinds.values()].flatMap(({ named }) => named);
  }

  get found(): number {
    return this.#sum(({ left, repaired }) => left + repaired);
  }

  /** Differences that are there even now. */
  get left(): number {
    return this.#sum(({ left }) => left);
  }

  #sum(count: (counts: KindReport) => number): number {
    return this.#kinds.values().reduce((sum, { counts }) => sum + count(counts), 0);
  }
}

function nothing(): KindReport {
  const found = { missing: 0, stale: 0, different: 0, role: 0, extra: 0, deleted: 0 };
  const fate = { repaired: 0, removed: 0, left: 0 };
  return { is_enabled: true, ...found, compared: 0, here: 0, ...fate, with_parent: 0 };
}
