import * as z from "zod/mini";
import type { CallRpc, RpcCall } from "../database/rpc.ts";
import { askDatabase, callDatabase } from "./ask_database.ts";
import type { Element, ObjectType } from "./elements.ts";
import { pagesOf } from "./pages.ts";

/** Elements on one page: the RPCs take 1,000, and half of them take half the time. */
export const PAGE_LIMIT = 500;

/** Up to so many are written one by one: a page waits for all that is under way, and holds up all that comes. */
export const SINGLY_LIMIT = 10;

const Written = z.object({ applied: z.int(), stale: z.int() });

/** Of how many objects a new state was written, and of how many a newer one was here already. */
export type Written = z.infer<typeof Written>;

const PAGE: Record<ObjectType, (elements: Element[]) => RpcCall> = {
  user: (elements) => ({ name: "upsert_users", args: { p_users: elements } }),
  organization: (elements) => ({ name: "upsert_orgs", args: { p_organizations: elements } }),
  membership: (elements) => ({ name: "set_memberships", args: { p_memberships: elements } }),
};

const ONE: Record<ObjectType, (element: Element) => RpcCall> = {
  user: (element) => ({ name: "upsert_user", args: element }),
  organization: (element) => ({
    name: "upsert_org_with_owner",
    // The creator may have left by now: members come by their memberships.
    args: { ...element, p_with_owner: false },
  }),
  membership: (element) => ({ name: "set_membership", args: element }),
};

/** Writes elements, one by one or in pages. Every call commits on its own. */
export async function write(
  callRpc: CallRpc,
  object: ObjectType,
  elements: Element[],
): Promise<Written> {
  const written: Written = { applied: 0, stale: 0 };
  if (elements.length <= SINGLY_LIMIT) {
    for (const element of elements) {
      const outcome = await callDatabase(callRpc, ONE[object](element));
      written[outcome === "applied" ? "applied" : "stale"]++;
    }
    return written;
  }
  for (const page of pagesOf(elements, PAGE_LIMIT)) {
    const { applied, stale } = await askDatabase(callRpc, Written, PAGE[object](page));
    written.applied += applied;
    written.stale += stale;
  }
  return written;
}
