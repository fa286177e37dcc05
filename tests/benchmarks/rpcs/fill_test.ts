/**
 * What fill makes, beside what the RPCs leave when they are told the same; and that it leaves all else as it was. The same
 * writes without any rule bound the RPCs only as long as they are the same.
 */
import assert from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { startTemporaryStack } from "../../../scripts/temporary_stack.ts";
import { openDatabase } from "../measuring.ts";
import { fill, FILLED_TABLES, filledId, organizationOf } from "./fill.ts";
import { createSameWrites } from "./pgbench.ts";
import { changesOf, measureWrites, type TableWrites } from "./writes.ts";

const USERS = 40;
const ORGANIZATIONS = USERS / 10;

/** As many more as make the tables and indexes have several pages. */
const MORE_USERS = 1_000;

const CALLS = 5;

Deno.test("a filled database is as the RPCs and autovacuum would leave it", async (t) => {
  await using stack = await startTemporaryStack();
  const sql = postgres(stack.superuserUrl, { max: 2, onnotice: () => {} });
  try {
    const schemaBefore = await schemaOf(sql);
    await fill(sql, { to: USERS / 2 });
    await fill(sql, { from: USERS / 2, to: USERS });

    await t.step("indexes and constraints are those of before, valid and ready", async () => {
      assert.deepEqual(await schemaOf(sql), schemaBefore);
    });
    await t.step("every table is analysed and all its pages visible to all", async () => {
      const tables = await tendedTables(sql);
      assert.equal(tables.length, Object.keys(FILLED_TABLES).length);
      const expected: Record<string, number> = {
        organizations: ORGANIZATIONS,
        organization_register: ORGANIZATIONS,
        organization_invitations: ORGANIZATIONS,
        snapshot_register: USERS + ORGANIZATIONS,
      };
      for (const { name, rows, isVisible } of tables) {
        assert.deepEqual([name, rows, isVisible], [name, expected[name] ?? USERS, true]);
      }
    });
    await t.step("every number has its ids", async () => {
      const [row] = await sql`
        select u.external_id as user, o.external_id as organization, m.external_id as membership, e.event_id as event
        from public.users u
        join public.organization_members m on m.user_id = u.id
        join public.organizations o on o.id = m.organization_id
        join clerk_sync.events e on e.object_id = u.external_id
        where u.external_id = ${filledId("user", USERS)}
      `;
      assert.deepEqual({ ...row }, {
        user: filledId("user", USERS),
        organization: filledId("organization", organizationOf(USERS)),
        membership: filledId("membership", USERS),
        event: filledId("event", USERS),
      });
    });
    await t.step("rows and registers are what the RPCs leave of the same facts", async () => {
      const filled = await rowsOf(sql);
      const calls = await callsThatTell(sql);
      await sql.unsafe(`truncate ${Object.keys(FILLED_TABLES).join()}`);
      for (const call of calls) await sql.unsafe(call);
      assert.deepEqual(await rowsOf(sql), filled);
      assert.equal(filled.length, 7 * USERS + 4 * ORGANIZATIONS);
    });
    await fill(sql, { from: USERS, to: MORE_USERS });
    await using db = openDatabase(stack.env.DB_URL, new AbortController().signal);
    await createSameWrites(db);
    // What is shared of a user is written where it changes: by none of the calls that tell the same again.
    await tablesWritten(db, "public");
    const ours = await tablesWritten(db, "public");
    const sameWrites = await tablesWritten(db, "same_writes");
    for (const [name, calls] of Object.entries(sameWrites)) {
      await t.step(`the same writes as those of ${name} are the same`, () => {
        assert.ok(calls.every((tables) => Object.keys(tables).length === 3));
        assert.deepEqual(calls, ours[name]);
      });
    }
  } finally {
    await sql.end();
  }
});

/** By RPC, for each of the same calls. */
async function tablesWritten(
  sql: Sql,
  schema: string,
): Promise<Record<string, Record<string, TableWrites>[]>> {
  const written: Record<string, Record<string, TableWrites>[]> = {};
  for (const [name, calls] of Object.entries(changesOf(MORE_USERS, CALLS, 1))) {
    const writes = await measureWrites(sql, calls, schema);
    written[name] = writes.map(({ tables }) => tables);
    // Whether there is room on a row's page for its next version is chance.
    for (const table of writes.flatMap(({ tables }) => Object.values(tables))) table.hotUpdated = 0;
  }
  await sql`delete from clerk_sync.events where event_id like 'msg_change_%'`;
  return written;
}

/** All indexes and constraints, as they define themselves. */
async function schemaOf(sql: Sql): Promise<unknown[]> {
  return [
    ...await sql`
      select pg_get_indexdef(indexrelid) as definition, indisvalid, indisready, indislive, indisunique, indisprimary
      from pg_index
      join pg_class on pg_class.oid = indrelid
      where relnamespace in ('public'::regnamespace, 'clerk_sync'::regnamespace)
      order by definition
    `,
    ...await sql`
      select conrelid::regclass::text as name, conname, pg_get_constraintdef(oid) as definition, convalidated
      from pg_constraint
      where connamespace in ('public'::regnamespace, 'clerk_sync'::regnamespace)
      order by name, conname
    `,
  ];
}

async function tendedTables(sql: Sql) {
  return await sql<{ name: string; rows: number; isVisible: boolean }[]>`
    select relname as name, reltuples as rows, relallvisible = relpages as "isVisible"
    from pg_class
    where oid = any(${Object.keys(FILLED_TABLES)}::regclass[])
  `;
}

/** Statements that call the RPCs: a user by the event of the ledger, the rest in pages, as a backfill does. */
async function callsThatTell(sql: Sql): Promise<string[]> {
  const rows = await sql<{ call: string }[]>`
    select format(
      'select public.upsert_user(%L, %L, %L, %L, p_created_at => %L, p_updated_at => %L, p_event_id => %L, '
        'p_event_type => %L, p_event_at => %L)',
      u.external_id, u.email, u.full_name, u.avatar_url, u.created_at, u.updated_at, e.event_id, e.event_type, e.event_at
    ) as call
    from public.users u
    join clerk_sync.events e on e.object_id = u.external_id
    union all
    select format('select public.sync_upsert_orgs(%L)', jsonb_agg(jsonb_build_object(
      'p_external_id', external_id, 'p_name', name, 'p_slug', slug, 'p_logo_url', logo_url, 'p_created_by', created_by,
      'p_created_at', created_at, 'p_updated_at', updated_at, 'p_event_at', updated_at
    )))
    from public.organizations
    union all
    select format('select public.sync_set_memberships(%L)', jsonb_agg(jsonb_build_object(
      'p_external_id', m.external_id, 'p_organization_external_id', o.external_id, 'p_user_external_id', u.external_id,
      'p_role', m.clerk_role, 'p_organization_name', o.name, 'p_organization_created_by', o.created_by,
      'p_created_at', m.joined_at, 'p_updated_at', m.updated_at, 'p_event_at', m.updated_at
    )))
    from public.organization_members m
    join public.organizations o on o.id = m.organization_id
    join public.users u on u.id = m.user_id
    union all
    select format('select public.sync_record_snapshots(%L, %L)', kind, jsonb_agg(
      (select jsonb_object_agg('p_' || key, value) from jsonb_each(row - 'id'))
        || jsonb_build_object('p_event_at', row -> 'updated_at')
    ))
    from (
      select 'subscription' as kind, to_jsonb(s) as row from public.subscriptions s
      union all
      select 'invitation', to_jsonb(i) from public.organization_invitations i
    ) snapshots
    group by kind
  `;
  return rows.map(({ call }) => call);
}

/** All rows, but for our own keys and for what the clock and the speed of a call decide. */
async function rowsOf(sql: Sql): Promise<unknown[]> {
  const rows = await sql`
    select row
    from (
      select 'user' as kind, external_id as key, to_jsonb(u) - 'id' as row from public.users u
      union all
      select 'organization', external_id, to_jsonb(o) - 'id' from public.organizations o
      union all
      select
        'member', m.external_id,
        to_jsonb(m) - array['id', 'organization_id', 'user_id'] || jsonb_build_array(o.external_id, u.external_id)
      from public.organization_members m
      join public.organizations o on o.id = m.organization_id
      join public.users u on u.id = m.user_id
      union all
      select 'subscription', external_id, to_jsonb(s) - 'id' from public.subscriptions s
      union all
      select 'invitation', external_id, to_jsonb(i) - 'id' from public.organization_invitations i
      union all
      select 'snapshot register', external_id, to_jsonb(r) from clerk_sync.snapshot_register r
      union all
      select 'user register', external_id, to_jsonb(r) from clerk_sync.user_register r
      union all
      select 'organization register', external_id, to_jsonb(r) from clerk_sync.organization_register r
      union all
      select 'membership register', external_id, to_jsonb(r) from clerk_sync.membership_register r
      union all
      select
        'event', event_id,
        to_jsonb(e) - array['first_received_at', 'last_received_at', 'outcome_at', 'apply_us']
      from clerk_sync.events e
    ) everything
    order by kind, key
  `;
  return rows.map(({ row }) => row);
}
