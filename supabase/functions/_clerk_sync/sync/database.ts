import * as z from "zod/mini";
import { apply } from "../database/apply.ts";
import {
  type CallRpc,
  outcomeOf,
  type RpcCall,
  type RpcFailure,
  type RpcName,
  type SyncOutcome,
  UNEXPECTED_ANSWER,
} from "../database/rpc.ts";
import type { Element, ObjectType, SnapshotKind } from "./elements.ts";

const ComparedRow = z.object({
  external_id: z.string(),
  kind: z.enum(["missing", "stale", "different", "role", "newer", "deleted"]),
  fields: z.array(z.string()),
  updated_at: z.nullable(z.string()),
});

/** What a comparison says of a row that differs. `updated_at` is that of the row here; null when there is none. */
export type ComparedRow = z.infer<typeof ComparedRow>;

/** As `sync_list_snapshots` answers it. */
export const StoredSnapshot = z.object({
  external_id: z.string(),
  user_external_id: z.nullable(z.string()),
  organization_external_id: z.nullable(z.string()),
});

/** A subscription item that has not ended here, or an invitation that is pending, by Clerk ids. */
export type StoredSnapshot = z.infer<typeof StoredSnapshot>;

const StoredMembership = z.object({
  id: z.string(),
  external_id: z.string(),
  organization_external_id: z.string(),
  user_external_id: z.string(),
});

/** A membership that lives here. `external_id` is its generation's: `orgmem_…`, or `org_…:user_…` without one. */
export type StoredMembership = z.infer<typeof StoredMembership>;

/** Whose: of a user, of an organization, or both. */
export interface OwnerFilter {
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
  memberships(filter: OwnerFilter, most?: number): Promise<StoredMembership[]>;
  /** The first thousand of those that are open here. */
  openSnapshots(kind: SnapshotKind, filter: OwnerFilter): Promise<StoredSnapshot[]>;
  /** The Clerk instance that the project is bound to; null for none yet. */
  boundInstance(): Promise<string | null>;
  /** Binds the project to a Clerk instance. `other`: it is bound to another one, and stays so. */
  bindInstance(id: string): Promise<"bound" | "same" | "other">;
}

/** Objects of one kind, whatever is told of each. */
type Elements = readonly { p_external_id: string }[];

/** The call that compares a page with the rows here, and answers what differs. */
export const COMPARE: Record<ObjectType, (elements: Elements) => RpcCall> = {
  user: (elements) => ({ name: "sync_compare_users", args: { p_users: elements } }),
  organization: (elements) => ({ name: "sync_compare_orgs", args: { p_organizations: elements } }),
  membership: (elements) => ({
    name: "sync_compare_memberships",
    args: { p_memberships: elements },
  }),
  subscription: (elements) => snapshots("sync_compare_snapshots", "subscription", elements),
  invitation: (elements) => snapshots("sync_compare_snapshots", "invitation", elements),
};

function snapshots(name: RpcName, kind: SnapshotKind, elements: Elements): RpcCall {
  return { name, args: { p_kind: kind, p_snapshots: elements } };
}

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
          name: "sync_list_memberships",
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

    openSnapshots: (kind, { userId, organizationId }) =>
      askDatabase(callRpc, z.array(StoredSnapshot), {
        name: "sync_list_snapshots",
        args: {
          p_kind: kind,
          p_user_external_id: userId ?? null,
          p_organization_external_id: organizationId ?? null,
        },
      }),

    boundInstance: () =>
      askDatabase(callRpc, z.nullable(z.string()), { name: "sync_bound_instance", args: {} }),

    bindInstance: (id) =>
      askDatabase(callRpc, z.enum(["bound", "same", "other"]), {
        name: "sync_bind_instance",
        args: { p_instance_id: id },
      }),
  };
}

/** Elements on one page: the RPCs take 1,000, and half of them take half the time. */
export const PAGE_LIMIT = 500;

/** Up to so many are written one by one: a page waits for all that is under way, and holds up all that comes. */
const SINGLY_LIMIT = 10;

const Written = z.object({ applied: z.int(), stale: z.int() });

/** Of how many objects a new state was written, and of how many a newer one was here already. */
export type Written = z.infer<typeof Written>;

/** The call that writes a page, all or nothing, and answers of how many objects a new state was written. */
export const WRITE: Record<ObjectType, (elements: Elements) => RpcCall> = {
  user: (elements) => ({ name: "sync_upsert_users", args: { p_users: elements } }),
  organization: (elements) => ({ name: "sync_upsert_orgs", args: { p_organizations: elements } }),
  membership: (elements) => ({ name: "sync_set_memberships", args: { p_memberships: elements } }),
  subscription: (elements) => snapshots("sync_record_snapshots", "subscription", elements),
  invitation: (elements) => snapshots("sync_record_snapshots", "invitation", elements),
};

const ONE: Record<ObjectType, (element: Element) => RpcCall> = {
  user: (element) => ({ name: "upsert_user", args: element }),
  organization: (element) => ({
    name: "upsert_org_with_owner",
    // The creator may have left by now: members come by their memberships.
    args: { ...element, p_with_owner: false },
  }),
  membership: (element) => ({ name: "set_membership", args: element }),
  subscription: (element) => snapshots("record_snapshots", "subscription", [element]),
  invitation: (element) => snapshots("record_snapshots", "invitation", [element]),
};

/** Writes elements, one by one or in pages. Every call commits on its own. */
async function write(
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
    const { applied, stale } = await askDatabase(callRpc, Written, WRITE[object](page));
    written.applied += applied;
    written.stale += stale;
  }
  return written;
}

/** How long a page may take, in milliseconds. Supabase itself ends a statement of its Data API after 8 s. */
const PAGE_TIMEOUT_MS = 10_000;

/** A call that was not done, told by its code alone. */
export class DatabaseError extends Error {
  override name = "DatabaseError";

  constructor(rpc: string, readonly failure: RpcFailure) {
    super(`${rpc}: ${failure.kind} (${failure.code})`);
  }
}

/** Calls an RPC that answers with JSON. Rejects with a DatabaseError, also when the answer is of another form. */
async function askDatabase<Schema extends z.ZodMiniType>(
  callRpc: CallRpc,
  schema: Schema,
  call: RpcCall,
): Promise<z.infer<Schema>> {
  const result = await apply(callRpc, call, PAGE_TIMEOUT_MS);
  if (result.kind !== "done") throw new DatabaseError(call.name, result);
  const answer = schema.safeParse(result.answer);
  if (!answer.success) throw new DatabaseError(call.name, UNEXPECTED_ANSWER);
  return answer.data;
}

/** Calls an RPC that answers with its outcome. Rejects with a DatabaseError. */
async function callDatabase(callRpc: CallRpc, call: RpcCall): Promise<SyncOutcome> {
  const result = outcomeOf(await apply(callRpc, call));
  if (result.kind !== "done") throw new DatabaseError(call.name, result);
  return result.outcome;
}

/** Cuts a list into pages. */
export function pagesOf<Item>(items: Item[], limit: number): Item[][] {
  return Array.from(
    { length: Math.ceil(items.length / limit) },
    (_, page) => items.slice(page * limit, (page + 1) * limit),
  );
}
