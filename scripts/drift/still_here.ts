import { mapLimited } from "../../supabase/functions/_clerk_sync/async.ts";
import type { Finding } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import type { KindName } from "../clerk/kinds.ts";
import type { Pair, Sides } from "./drift_kind.ts";

/** A row that lives here and that Clerk does not have. */
export interface Extra {
  name: KindName;
  /** Of a membership. */
  pair: Pair | null;
  /** Just before Clerk was asked for this very one or, of a membership, for its user. */
  at: string;
  finding: Finding;
}

/** Calls of the project at once. */
const CONCURRENCY = 4;

/** Those that live here even now: the webhook of a deletion may have arrived, or another repair have been faster. */
export async function stillHere(sides: Sides, extras: Extra[]): Promise<Extra[]> {
  const [users, organizations, memberships] = await Promise.all([
    livingParents(sides, extras.filter(({ name }) => name === "users")),
    livingParents(sides, extras.filter(({ name }) => name === "organizations")),
    livingMemberships(sides, extras.filter(({ name }) => name === "memberships")),
  ]);
  return [...memberships, ...organizations, ...users];
}

/** No row was created at that time, nor changed: every row differs in it. */
const NEVER = "-infinity";

/** They are compared with what no row is like: what differs in more than the deletion is a row that lives. */
async function livingParents({ database }: Sides, extras: Extra[]): Promise<Extra[]> {
  const [first] = extras;
  if (!first) return [];
  const elements = extras.map((extra) => ({
    p_external_id: idOf(extra),
    p_created_at: NEVER,
    p_updated_at: NEVER,
    p_event_at: NEVER,
  }));
  const compared = await database.compare(first.finding.difference.object, elements);
  const living = new Set(
    compared.filter(({ fields }) => fields.includes("created_at") && !fields.includes("deleted_at"))
      .map(({ external_id }) => external_id),
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
