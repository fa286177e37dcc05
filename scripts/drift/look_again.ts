import type { Check } from "./check_kind.ts";
import { settle } from "./examine.ts";
import { ORGANIZATIONS } from "./kinds.ts";
import { look } from "./look.ts";

/** A Clerk that still changes in the last of so many looks is left to its webhooks. */
const LOOKS = 3;

/**
 * Compares all organizations again, and repairs them, until that moves no slug any more; false when it does even in the last
 * look. Only slugs reach back to what was compared before: users move nothing but memberships, organizations nothing else but
 * memberships, and these are compared after both.
 */
export async function lookAgain(check: Check): Promise<boolean> {
  const { sides, pages, doubts, signal, watch } = check;
  for (let looks = 0; check.hasMovedSlugs; looks++) {
    if (looks === LOOKS || doubts.isFull) return false;
    check.hasMovedSlugs = false;
    watch.again(ORGANIZATIONS.name);
    for await (const { items } of ORGANIZATIONS.read(sides, pages)) {
      signal.throwIfAborted();
      const found = await look(sides, ORGANIZATIONS, items);
      // What nothing repairs is counted already.
      await settle(check, ORGANIZATIONS, found.filter(({ finding }) => finding.kind === "write"));
    }
  }
  return true;
}
