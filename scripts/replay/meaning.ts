import type { DeliveryResult } from "../simulate/run.ts";

/** What an answer means for whoever replays, in one sentence. */
export function meaningOf({ outcome }: DeliveryResult): string {
  return MEANINGS.get(outcome ?? "") ?? "not delivered; the log of the function says more";
}

const MEANINGS = new Map([
  ["applied", "applied"],
  ["duplicate", "was settled before: nothing was done"],
  ["stale", "a newer state, or a deletion, is already here: harmless, nothing was overwritten"],
  ["ignored", "a type or an instance that the sync does not follow"],
  ["rejected", "not what Clerk sends, or not storable: npm run events names the field"],
  ["invalid_signature", "the function has another signing secret"],
  ["unavailable", "the database is down or slow, or a rule of its own refuses it: npm run events"],
  ["misconfigured", "a variable of the function is missing: npm run doctor"],
]);
