import { setTimeout as delay } from "node:timers/promises";
import type { Check } from "./check_kind.ts";
import { type Deletes, deletesOf, isTooMany, type MaxDeletes } from "./deletes.ts";
import { lastingOf } from "./doubts.ts";
import { store } from "./examine.ts";
import { lookAgain } from "./look_again.ts";
import { stillHere } from "./still_here.ts";

/** What a repair may end, and whom to ask when it is more: null when nobody is there. */
export interface Removal {
  maxDeletes: MaxDeletes;
  confirm: ((deletes: Deletes[]) => Promise<boolean>) | null;
}

/** Rows that end between two looks at the signal. */
const AT_ONCE = 100;

/** How a check was concluded. */
export interface Settlement {
  /** What a repair did not delete, for it was too much. */
  withheld: Deletes[];
  /** Whether nothing was moved any more in the end. */
  isSettled: boolean;
}

/**
 * Settles what the pages left open. A check waits `settleMs`, in which a webhook under way arrives, and looks again. A repair
 * ends the rows that Clerk does not have, and looks again at what its own writes move.
 */
export async function conclude(
  check: Check,
  { settleMs, removal }: { settleMs: number; removal: Removal | null },
): Promise<Settlement> {
  const { sides, signal, watch } = check;
  if (!removal && check.extras.length + check.doubts.size > 0) {
    watch.settling(settleMs);
    await delay(settleMs, null, { signal });
  }
  // Whatever is gone by now was no drift.
  check.extras = await stillHere(sides, check.extras);
  const withheld = removal ? await remove(check, removal) : [];
  const isSettled = await lookAgain(check);
  await settleDoubts(check);
  recordRest(check);
  return { withheld, isSettled };
}

/** Records what a check left open, as it was found. */
export function recordRest({ tally, extras, doubts }: Check): void {
  const isRepaired = false;
  for (const { kind, difference, code } of doubts.takeAll()) {
    tally.record(kind.name, difference, { isRepaired, code });
  }
  for (const { name, finding } of extras.splice(0)) {
    tally.record(name, finding.difference, { isRepaired, code: null });
  }
}

async function remove(check: Check, { maxDeletes, confirm }: Removal): Promise<Deletes[]> {
  const { tally, extras, signal } = check;
  const deletes = deletesOf(extras, tally, maxDeletes);
  const isAllowed = !deletes.some(isTooMany) || await confirm?.(deletes);
  signal.throwIfAborted();
  if (!isAllowed) return deletes;

  await end(check);
  return [];
}

/** Ends the rows that Clerk does not have. */
async function end(check: Check): Promise<void> {
  const { sides, tally, extras, signal } = check;
  check.hasMovedSlugs ||= extras.some(({ name }) => name === "organizations");
  while (extras.length > 0) {
    signal.throwIfAborted();
    const some = extras.slice(0, AT_ONCE);
    const codes = await store(sides, some.map(({ finding }) => finding));
    const left = new Set(await stillHere(sides, some));
    for (const extra of extras.splice(0, AT_ONCE)) {
      const { difference } = extra.finding;
      const isRepaired = !left.has(extra);
      const code = isRepaired ? null : codes.get(difference.clerkId) ?? null;
      tally.record(extra.name, difference, { isRepaired, code });
    }
  }
}

async function settleDoubts({ sides, isRepair, tally, doubts }: Check): Promise<void> {
  const all = doubts.takeAll();
  const lasting = await lastingOf(sides, all);
  for (const doubt of all) {
    const { kind, difference, code } = doubt;
    const isLasting = lasting.has(doubt);
    if (isLasting || isRepair) {
      tally.record(kind.name, difference, { isRepaired: !isLasting, code });
    }
  }
}
