import * as z from "zod/mini";
import { OPEN_OUTCOMES } from "./options.ts";

/** An event of the ledger, as list_events returns it. */
export const LedgerEvent = z.object({
  event_id: z.string(),
  event_type: z.string(),
  object_id: z.nullable(z.string()),
  event_at: z.nullable(z.string()),
  first_received_at: z.string(),
  last_received_at: z.string(),
  attempts: z.int(),
  outcome: z.string(),
  outcome_at: z.string(),
  error_code: z.nullable(z.string()),
  error: z.nullable(z.string()),
});

/** An event of the ledger. */
export type LedgerEvent = z.infer<typeof LedgerEvent>;

/** Whether a later delivery may still settle it. */
export function isOpen({ outcome }: LedgerEvent): boolean {
  return OPEN_OUTCOMES.includes(outcome);
}
