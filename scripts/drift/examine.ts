import type { Element } from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import { type Finding, movesOthers } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import { repair } from "../../supabase/functions/_clerk_sync/sync/repair.ts";
import { halving } from "../project/rpc.ts";
import type { Check } from "./check.ts";
import type { DriftKind, Known, Sides } from "./drift_kind.ts";
import { type Found, look } from "./look.ts";

/** The webhook of a change that is younger than this may be under way, with a retry or two. */
const RECENT_MS = 60_000;

/** Compares objects with the rows here and, in a repair, writes what differs. */
export async function examine(check: Check, kind: DriftKind, all: Known[]): Promise<void> {
  await settle(check, kind, await look(check.sides, kind, all));
}

/** In a repair writes what differs; keeps or counts what was found. */
export async function settle(check: Check, kind: DriftKind, found: Found[]): Promise<void> {
  const { isRepair, tally, doubts } = check;
  const lasting = isRepair ? await write(check, kind, found) : found;

  for (const { finding, known, code } of lasting) {
    const { difference } = finding;
    // What a repair left may yet come right by what it does later, as a slug that another one holds.
    const isDoubtful = finding.kind === "write" && (isRepair || isRecent(finding.element));
    if (isDoubtful && doubts.add({ kind, known, difference, code })) continue;
    tally.record(kind.name, difference, { isRepaired: false, code });
  }
}

/** Writes what can be written, and returns what differs nevertheless. */
async function write(check: Check, kind: DriftKind, found: Found[]): Promise<Found[]> {
  const { sides, tally, doubts } = check;
  const writable = found.filter(({ finding }) => finding.kind === "write");
  const codes = await store(sides, writable.map(({ finding }) => finding));
  const left = await look(sides, kind, writable.map(({ known }) => known));
  const keys = new Set(left.map(({ known }) => known.key));

  const lasting: Found[] = [];
  for (const one of found) {
    const { finding, finding: { difference }, known } = one;
    const code = codes.get(difference.clerkId) ?? one.code;
    const isRepaired = finding.kind === "write" && !keys.has(known.key);
    // What was refused has moved nothing, nor has what was written before to no avail.
    const isMove = isRepaired || code === null && !doubts.has(kind, known);
    check.hasMovedSlugs ||= kind.object === "organization" && isMove && movesOthers(finding);
    if (isRepaired) {
      doubts.drop(kind, known);
      tally.record(kind.name, difference, { isRepaired, code: null });
    } else {
      lasting.push({ ...one, code });
    }
  }
  return lasting;
}

/** Returns the SQLSTATE of each that the database refuses, by Clerk id. */
export async function store(
  { database }: Sides,
  findings: Finding[],
): Promise<Map<string, string>> {
  const storing = async (some: Finding[]) => {
    await repair(database, some);
    return [];
  };
  const refused = await halving<Finding, [string, string]>(
    findings,
    storing,
    ({ difference }, code) => [[difference.clerkId, code]],
  );
  return new Map(refused);
}

function isRecent({ p_event_at, p_updated_at }: Element): boolean {
  return p_updated_at !== null && Date.parse(p_event_at) - Date.parse(p_updated_at) < RECENT_MS;
}
