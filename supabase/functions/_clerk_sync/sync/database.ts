import * as z from "zod/mini";
import type { SyncOutcome } from "../database/outcome.ts";
import type { CallRpc, RpcCall } from "../database/rpc.ts";
import { askDatabase, callDatabase } from "./ask_database.ts";
import type { Element, ObjectType } from "./elements.ts";
import { pagesOf } from "./pages.ts";
import { PAGE_LIMIT, write, type Written } from "./write.ts";

const ComparedRow = z.object({
  external_id: z.string(),
  kind: z.enum(["missing", "stale", "different", "role", "newer", "deleted"]),
  fields: z.array(z.string()),
  updated_at: z.nullable(z.string()),
});

/** What a comparison says of a row that differs. `updated_at` is that of the row here; null when there is none. */
export type ComparedRow = z.infer<typeof ComparedRow>;

const StoredMembership = z.object({
  id: z.string(),
  external_id: z.string(),
  organization_external_id: z.string(),
  user_external_id: z.string(),
});

/** A membership that lives here. `external_id` is its generation's: `orgmem_…`, or `org_…:user_…` without one. */
export type StoredMembership = z.infer<typeof StoredMembership>;

/** Whose memberships. */
export interface MembershipFilter {
  userId?: string;
  organizationId?: string;
}

/** What the sync asks of the database. Every call rejects with a DatabaseError. */
export interface SyncDatabase {
  /** The rows here that differ from the elements, however many these are. */
  compare(object: ObjectType, elements: Element[]): Promise<ComparedRow[]>;
  write(object: ObjectType, elements: Element[]): Promise<Written>;
  /** One call of a single RPC. */
  call(rpc: RpcCall): Promise<SyncOutcome>;
  /** Those that live here; of more than `most` of them not all. */
  memberships(filter: MembershipFilter, most?: number): Promise<StoredMembership[]>;
  /** The Clerk instance that the project is bound to; null for none yet. */
  boundInstance(): Promise<string | null>;
  /** Binds the project to a Clerk instance. `other`: it is bound to another one, and stays so. */
  bindInstance(id: string): Promise<"bound" | "same" | "other">;
}

const COMPARE: Record<ObjectType, (elements: Element[]) => RpcCall> = {
  user: (elements) => ({ name: "compare_users", args: { p_users: elements } }),
  organization: (elements) => ({ name: "compare_orgs", args: { p_organizations: elements } }),
  membership: (elements) => ({ name: "compare_memberships", args: { p_memberships: elements } }),
};

/** The RPCs of the sync. */
export function createSyncDatabase(callRpc: CallRpc): SyncDatabase {
  return {
    async compare(object, elements) {
      const rows: ComparedRow[] = [];
      for (const page of pagesOf(elements, PAGE_LIMIT)) {
        rows.push(...await askDatabase(callRpc, z.array(ComparedRow), COMPARE[object](page)));
      }
      return rows;
    },

    write: (object, elements) => write(callRpc, object, elements),

    call: (rpc) => callDatabase(callRpc, rpc),

    async memberships({ userId, organizationId }, most = Infinity) {
      const memberships: StoredMembership[] = [];
      for (;;) {
        const page = await askDatabase(callRpc, z.array(StoredMembership), {
          name: "list_memberships",
          args: {
            p_after: memberships.at(-1)?.id ?? null,
            p_limit: PAGE_LIMIT,
            p_user_external_id: userId ?? null,
            p_organization_external_id: organizationId ?? null,
          },
        });
        memberships.push(...page);
        if (page.length < PAGE_LIMIT || memberships.length > most) return memberships;
      }
    },

    boundInstance: () =>
      askDatabase(callRpc, z.nullable(z.string()), { name: "bound_instance", args: {} }),

    bindInstance: (id) =>
      askDatabase(callRpc, z.enum(["bound", "same", "other"]), {
        name: "bind_instance",
        args: { p_instance_id: id },
      }),
  };
}
