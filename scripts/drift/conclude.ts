import { setTimeout as delay } from "node:timers/promises";
import { mapLimited } from "../../supabase/functions/_clerk_sync/async.ts";
import type { Element } from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import type { KindName } from "../clerk/kinds.ts";
import { formatSeconds } from "../command/progress.ts";
import { type Check, type Extra, lastingOf } from "./check.ts";
import { type Deletes, deletesOf, isTooMany, type MaxDeletes } from "./deletes.ts";
import type { Sides } from "./drift_kind.ts";
import { settle, store } from "./examine.ts";
import { ORGANIZATIONS } from "./kinds.ts";
import { look } from "./look.ts";

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
 * Settles what the pages left open. A check waits `settleMs`, in which a webhook under way arrives, and looks again. A
 * repair ends the rows that Clerk does not have, and looks again at what its own writes move.
 */
export async function conclude(
  check: Check,
  { settleMs, removal }: { settleMs: number; removal: Removal | null },
): Promise<Settlement> {
  const { sides, signal, progress } = check;
  if (!removal && check.extras.length + check.doubts.size > 0) {
    const seconds = formatSeconds(settleMs / 1000);
    progress.note(`looking again in ${seconds}: a webhook may be under way`);
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

/** A Clerk that still changes in the last of so many looks is left to its webhooks. */
const LOOKS = 3;

/**
 * Compares all organizations again, and repairs them, until that moves no slug any more; false when it does even in the
 * last look. Only slugs reach back to what was compared before: users move nothing but memberships, organizations nothing
 * else but memberships, and these are compared after both.
 */
export async function lookAgain(check: Check): Promise<boolean> {
  const { sides, pages, doubts, signal, progress } = check;
  for (let looks = 0; check.hasMovedSlugs; looks++) {
    if (looks === LOOKS || doubts.isFull) return false;
    check.hasMovedSlugs = false;
    progress.note("organizations: looking at all again, for slugs have moved");
    for await (const { items } of ORGANIZATIONS.read(sides, pages)) {
      signal.throwIfAborted();
      const found = await look(sides, ORGANIZATIONS, items);
      // What nothing repairs is counted already.
      await settle(check, ORGANIZATIONS, found.filter(({ finding }) => finding.kind === "write"));
    }
  }
  return true;
}

/** Calls of the project at once. */
const CONCURRENCY = 4;

/** Those that live here even now: the webhook of a deletion may have arrived, or another repair have been faster. */
export async function stillHere(sides: Sides, extras: Extra[]): Promise<Extra[]> {
  const of = (name: KindName) => extras.filter((extra) => extra.name === name);
  const living = await Promise.all([
    openSnapshots(sides, of("invitations"), "revoked"),
    openSnapshots(sides, of("subscriptions"), "ended"),
    livingMemberships(sides, of("memberships")),
    livingParents(sides, of("organizations")),
    livingParents(sides, of("users")),
  ]);
  return living.flat();
}

/** No row was created at that time, nor changed: every row differs in it. */
const NEVER = "-infinity";

/** What differs in more than the deletion is a row that lives. */
function livingParents(sides: Sides, extras: Extra[]): Promise<Extra[]> {
  const unlike = { p_created_at: NEVER, p_updated_at: NEVER };
  const isLiving = (fields: string[]) =>
    fields.includes("created_at") && !fields.includes("deleted_at");
  return differing(sides, extras, unlike, isLiving);
}

/** Those that have not come to the end that a repair gives them. */
function openSnapshots(sides: Sides, extras: Extra[], p_status: string): Promise<Extra[]> {
  const unlike = { p_status, p_updated_at: null };
  return differing(sides, extras, unlike, (fields) => fields.includes("status"));
}

/** Those whose rows differ from an object so that they live. */
async function differing(
  { database }: Sides,
  extras: Extra[],
  unlike: Omit<Element, "p_external_id" | "p_event_at">,
  isLiving: (fields: string[]) => boolean,
): Promise<Extra[]> {
  const [first] = extras;
  if (!first) return [];
  const elements = extras.map((extra) => ({
    p_external_id: idOf(extra),
    p_event_at: NEVER,
    ...unlike,
  }));
  const compared = await database.compare(first.finding.difference.object, elements);
  const living = new Set(
    compared.filter(({ fields }) => isLiving(fields)).map(({ external_id }) => external_id),
  );
  return extras.filter((extra) => living.has(idOf(extra)));
}

/** An active one of the same generation, for someone may have rejoined. */
async function livingMemberships({ database }: Sides, extras: Extra[]): Promise<Extra[]> {
  const living = await mapLimited(extras, CONCURRENCY, async (extra) => {
    const memberships = await database.memberships(extra.pair!);
    return memberships.some(({ external_id }) => external_id === idOf(extra));
  });
  return extras.filter((_, index) => living[index]);
}

function idOf({ finding }: Extra): string {
  return finding.difference.clerkId;
}
