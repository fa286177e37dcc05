import { compare } from "../../supabase/functions/_clerk_sync/sync/compare.ts";
import type { Element } from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import type { Finding } from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import { halving } from "../project/rpc.ts";
import type { DriftKind, Known, Sides } from "./drift_kind.ts";

/** What differs, and the object of which it does. */
export interface Found {
  finding: Finding;
  known: Known;
  /** The SQLSTATE by which PostgreSQL refuses what Clerk has; null when it does not. */
  code: string | null;
}

/** Compares objects that Clerk has with the rows here. */
export function look({ database }: Sides, kind: DriftKind, all: Known[]): Promise<Found[]> {
  const comparing = async (some: Known[]) => {
    const byId = new Map(some.map((known) => [known.element.p_external_id, known]));
    const reread = async (id: string): Promise<Element | null> => {
      const { known } = await byId.get(id)!.ask();
      // Of a pair it may be another membership by now.
      if (known) byId.set(known.element.p_external_id, known);
      return known && known.element;
    };
    const elements = [...byId.values()].map(({ element }) => element);
    const findings = await compare(database, kind.object, elements, reread);
    return findings.map((finding) => ({
      finding,
      known: byId.get(finding.difference.clerkId)!,
      code: null,
    }));
  };
  const refused = (known: Known, code: string) => [
    { finding: incomparable(kind, known), known, code },
  ];
  return halving<Known, Found>(all, comparing, refused);
}

/** The database refuses what contradicts itself: a membership whose id is known as another pair's. */
function incomparable({ object }: DriftKind, { element }: Known): Finding {
  const clerkId = element.p_external_id;
  return { kind: "irreparable", difference: { object, clerkId, kind: "different", fields: [] } };
}
