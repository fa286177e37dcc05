/** How much the database writes for a call of an RPC: rows, and bytes of its write-ahead log. */
import type { Sql, TransactionSql } from "postgres";
import type { RpcCall, RpcName } from "../../../supabase/functions/_clerk_sync/database/rpc.ts";
import { by, sum } from "../measuring.ts";
import { filledId, JOINED_AT, organizationOf, randomNumbers } from "./fill.ts";

/** What one call did to the tables and the log, by its own connection's account: nobody else's doing is in it. */
export interface Writes {
  /** Rows inserted, updated and deleted. */
  rows: number;
  /** Without the record of the commit. */
  walBytes: number;
  /** By name, only those that the call wrote to or read whole. */
  tables: Record<string, TableWrites>;
}

/** What became of one table's rows. */
export interface TableWrites {
  inserted: number;
  /** HOT updates, which write to no index, are among them. */
  updated: number;
  hotUpdated: number;
  deleted: number;
  sequentialScans: number;
}

const COUNTERS = ["inserted", "updated", "hotUpdated", "deleted", "sequentialScans"] as const;

/**
 * Makes the calls one after the other, each in a transaction of its own that commits. Functions in another schema may stand
 * in for the RPCs.
 */
export async function measureWrites(
  sql: Sql,
  calls: RpcCall[],
  schema = "public",
): Promise<Writes[]> {
  const writes: Writes[] = [];
  for (const call of calls) writes.push(await sql.begin((sql) => measure(sql, call, schema)));
  return writes;
}

async function measure(
  sql: TransactionSql,
  { name, args }: RpcCall,
  schema: string,
): Promise<Writes> {
  const list = Object.keys(args).map((parameter, index) => `${parameter} => $${index + 1}`);
  const before = await countersOf(sql);
  const [explained] = await sql.unsafe(
    `explain (analyze, wal, timing off, format json) select ${schema}.${name}(${list.join(", ")})`,
    Object.values(args),
  );
  const after = await countersOf(sql);
  const [{ Plan: plan }] = explained?.["QUERY PLAN"];
  const tables: Writes["tables"] = {};
  for (const [table, counters] of Object.entries(after)) {
    const known = before[table];
    const writes = by(COUNTERS, (counter) => counters[counter] - (known?.[counter] ?? 0));
    if (COUNTERS.some((counter) => writes[counter] !== 0)) tables[table] = writes;
  }
  const rows = ({ inserted, updated, deleted }: TableWrites) => inserted + updated + deleted;
  return { rows: sum(Object.values(tables).map(rows)), walBytes: plan["WAL Bytes"], tables };
}

/** What this connection has done and not yet added to the server's statistics, by table. */
async function countersOf(sql: TransactionSql): Promise<Record<string, TableWrites>> {
  const rows = await sql<(TableWrites & { name: string })[]>`
    select
      relname as name,
      n_tup_ins::int as inserted,
      n_tup_upd::int as updated,
      n_tup_hot_upd::int as "hotUpdated",
      n_tup_del::int as deleted,
      seq_scan::int as "sequentialScans"
    from pg_stat_xact_user_tables
    where schemaname in ('public', 'clerk_sync')
  `;
  return Object.fromEntries(rows.map(({ name, ...counters }) => [name, counters]));
}

/** Calls that each change an object of a filled database, chosen evenly among so many users. */
export function changesOf(
  users: number,
  times: number,
  seed: number,
): Partial<Record<RpcName, RpcCall[]>> {
  const chosen = randomNumbers(seed, times, users);
  const at = new Date().toISOString();
  const event = (type: string, n: number) => ({
    p_created_at: JOINED_AT,
    p_updated_at: at,
    p_event_id: `msg_change_${users}_${type}_${n}`,
    p_event_type: type,
    p_event_at: at,
  });
  return {
    upsert_user: chosen.map((user, n) => ({
      name: "upsert_user",
      args: {
        p_external_id: filledId("user", user),
        p_email: "someone@example.com",
        p_full_name: "Some One",
        ...event("user.updated", n),
      },
    })),
    upsert_org_with_owner: chosen.map((user, n) => ({
      name: "upsert_org_with_owner",
      args: {
        p_external_id: filledId("organization", organizationOf(user)),
        p_name: "Some Organization",
        p_slug: `organization-${organizationOf(user)}`,
        p_with_owner: false,
        ...event("organization.updated", n),
      },
    })),
    set_membership: chosen.map((user, n) => ({
      name: "set_membership",
      args: {
        p_organization_external_id: filledId("organization", organizationOf(user)),
        p_user_external_id: filledId("user", user),
        p_role: "org:admin",
        p_external_id: filledId("membership", user),
        ...event("organizationMembership.updated", n),
      },
    })),
  };
}
