import { ClerkApiError } from "../_clerk_sync/clerk/api.ts";

/** Refuses a list that holds what was not asked for: nobody may sync others by a wrong answer of Clerk's. */
export function assertAsked<Item>(items: Item[], isAsked: (item: Item) => boolean): void {
  if (!items.every(isAsked)) throw new ClerkApiError("invalid_answer", "not what was asked for");
}
