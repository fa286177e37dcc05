import * as z from "zod/mini";
import { COMPARE, WRITE } from "../../supabase/functions/_clerk_sync/sync/database.ts";
import type { Element, Kind } from "../clerk/kinds.ts";
import { halving, parseAnswer, type Rpc } from "../project/rpc.ts";

/** What became of some rows. */
export interface Counts {
  applied: number;
  unchanged: number;
}

/** What became of a page. */
export interface PageOutcome extends Counts {
  /** Objects that the database refuses, by Clerk id and SQLSTATE. */
  rejected: { id: string; code: string }[];
}

/** Hands rows to the database, all or none; rejects with a ProjectError. */
export type Send = (elements: Element[]) => Promise<Counts>;

/** Hands a page over. One that the database refuses is halved, until what it refuses is alone: the rest goes on. */
export async function submit(elements: Element[], send: Send): Promise<PageOutcome> {
  const outcomes = await halving<Element, PageOutcome>(
    elements,
    async (some) => [{ ...await send(some), rejected: [] }],
    ({ p_external_id: id }, code) => [{ applied: 0, unchanged: 0, rejected: [{ id, code }] }],
  );
  return {
    applied: outcomes.reduce((sum, { applied }) => sum + applied, 0),
    unchanged: outcomes.reduce((sum, { unchanged }) => sum + unchanged, 0),
    rejected: outcomes.flatMap(({ rejected }) => rejected),
  };
}

const Written = z.object({ applied: z.int(), stale: z.int() });

/** Writes rows by the bulk RPC of their kind. */
export function writing(rpc: Rpc, { object }: Kind): Send {
  return async (elements) => {
    const { name, args } = WRITE[object](elements);
    const { applied, stale } = parseAnswer(Written, await rpc(name, args));
    return { applied, unchanged: stale };
  };
}

const Differences = z.array(
  z.object({ external_id: z.string(), kind: z.string(), updated_at: z.nullable(z.string()) }),
);

/** Compares rows with what is stored, and counts as applied what `writing` would apply. Writes nothing. */
export function comparing(rpc: Rpc, { object }: Kind): Send {
  return async (elements) => {
    const { name, args } = COMPARE[object](elements);
    return countApplicable(elements, parseAnswer(Differences, await rpc(name, args)));
  };
}

/** Only what is missing or older here is written: what differs at the same age, or is deleted, stays as it is. */
function countApplicable(
  elements: Element[],
  differences: z.infer<typeof Differences>,
): Counts {
  const applied = differences.filter(({ kind }) => kind === "missing" || kind === "stale").length;
  return { applied, unchanged: elements.length - applied };
}
