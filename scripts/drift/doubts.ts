import type { Difference } from "../../supabase/functions/_shared/sync/finding.ts";
import type { DriftKind, Known, Sides } from "./drift_kind.ts";
import { look } from "./look.ts";

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

/** Keeps a doubt for later; false when there are too many. */
export function addDoubt(doubts: Doubt[], doubt: Doubt): boolean {
  if (doubts.length >= MOST) return false;
  doubts.push(doubt);
  return true;
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
