import type { Difference, Finding } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import type { KindName, PageOptions } from "../clerk/kinds.ts";
import type { Progress } from "../command/progress.ts";
import type { DriftKind, Known, Pair, Sides } from "./drift_kind.ts";
import { look } from "./look.ts";
import type { Tally } from "./tally.ts";

/** What a check needs and gathers. */
export interface Check {
  sides: Sides;
  pages: PageOptions;
  /** What differs is written, page by page. */
  isRepair: boolean;
  tally: Tally;
  /** Differences that are looked at again at the end. */
  doubts: Doubts;
  /** Whether a repair has moved slugs since the organizations were last begun to be compared. */
  hasMovedSlugs: boolean;
  /** Rows that Clerk does not have. */
  extras: Extra[];
  /** Ends the check after the page that is under way, with its reason. */
  signal: AbortSignal;
  progress: Progress;
}

/** A row that lives here and that Clerk does not have. */
export interface Extra {
  name: KindName;
  /** Of a membership. */
  pair: Pair | null;
  /** Just before Clerk was asked for this very one or, of a membership, for its user. */
  at: string;
  finding: Finding;
}

/** A difference that may be none in a moment: it is looked at once more at the end. */
export interface Doubt {
  kind: DriftKind;
  known: Known;
  difference: Difference;
  /** The SQLSTATE by which PostgreSQL refused what would have repaired it. */
  code: string | null;
}

/** More than a few pages are no matter of moments. */
const MOST = 1000;

/** Doubts by the rows that they are about: one that is found again is the same difference. */
export class Doubts {
  readonly #doubts = new Map<string, Doubt>();

  get size(): number {
    return this.#doubts.size;
  }

  get isFull(): boolean {
    return this.size >= MOST;
  }

  /** Keeps a doubt for later; false when there are too many. */
  add(doubt: Doubt): boolean {
    const key = keyOf(doubt);
    const before = this.#doubts.get(key);
    if (this.isFull && !before) return false;
    this.#doubts.set(key, { ...doubt, difference: before?.difference ?? doubt.difference });
    return true;
  }

  has(kind: DriftKind, known: Known): boolean {
    return this.#doubts.has(keyOf({ kind, known }));
  }

  /** Takes out what is no difference any more. */
  drop(kind: DriftKind, known: Known): void {
    this.#doubts.delete(keyOf({ kind, known }));
  }

  /** Takes out whatever is about this kind. */
  dropAll(kind: DriftKind): void {
    for (const [key, doubt] of this.#doubts) if (doubt.kind === kind) this.#doubts.delete(key);
  }

  /** Takes all of them out. */
  takeAll(): Doubt[] {
    const all = [...this.#doubts.values()];
    this.#doubts.clear();
    return all;
  }
}

function keyOf({ kind, known }: Pick<Doubt, "kind" | "known">): string {
  return `${kind.name} ${known.key}`;
}

/** Which of the doubts are still differences. */
export async function lastingOf(sides: Sides, doubts: Doubt[]): Promise<Set<Doubt>> {
  const lasting = new Set<Doubt>();
  for (const [kind, some] of Map.groupBy(doubts, ({ kind }) => kind)) {
    const found = await look(sides, kind, some.map(({ known }) => known));
    const keys = new Set(found.map(({ known }) => known.key));
    for (const doubt of some) if (keys.has(doubt.known.key)) lasting.add(doubt);
  }
  return lasting;
}
