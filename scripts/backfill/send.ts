import * as z from "zod/mini";
import type { Element, Kind } from "../clerk/kinds.ts";
import { parseAnswer, type Rpc } from "../project/rpc.ts";
import type { Counts, Send } from "./submit.ts";

const Written = z.object({ applied: z.int(), stale: z.int() });

/** Writes rows by the bulk RPC of their kind. */
export function writing(rpc: Rpc, { rpcs }: Kind): Send {
  return async (elements) => {
    const answer = await rpc(rpcs.write, { [rpcs.parameter]: elements });
    const { applied, stale } = parseAnswer(Written, answer);
    return { applied, unchanged: stale };
  };
}

const Differences = z.array(
  z.object({ external_id: z.string(), kind: z.string(), updated_at: z.nullable(z.string()) }),
);

/** Compares rows with what is stored, and counts as applied what `writing` would apply. Writes nothing. */
export function comparing(rpc: Rpc, { rpcs }: Kind): Send {
  return async (elements) => {
    const answer = await rpc(rpcs.compare, { [rpcs.parameter]: elements });
    return countApplicable(elements, parseAnswer(Differences, answer));
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
