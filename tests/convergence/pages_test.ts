/** Pages go by the rules of the single calls: whatever the pages and the order, registers and rows are the same. */
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Sql, TransactionSql } from "postgres";
import { histories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { route } from "../../supabase/functions/clerk-webhook/route.ts";
import { convergenceTest, newTag, rolledBack, runs } from "./support.ts";

interface Call {
  name: string;
  args: Record<string, unknown>;
}

/** The bulk form of each single one. */
const BULK: Record<string, { name: string; argument: string }> = {
  upsert_user: { name: "sync_upsert_users", argument: "p_users" },
  upsert_org_with_owner: { name: "sync_upsert_orgs", argument: "p_organizations" },
  set_membership: { name: "sync_set_memberships", argument: "p_memberships" },
  record_snapshots: { name: "sync_record_snapshots", argument: "p_snapshots" },
};

convergenceTest("pages leave what single calls leave, registers included", async ({ owner }) => {
  await fc.assert(
    fc.asyncProperty(histories({ length: 30 }), fc.integer(), async (commands, mix) => {
      const tag = newTag();
      const calls = snapshotsOf(commands, tag);
      const shuffled = calls.map((call, index) => ({ call, at: (index * 7919 + mix) % 101 }))
        .sort((a, b) => a.at - b.at).map(({ call }) => call);
      const single = await leftBy(owner, tag, async (sql) => {
        for (const call of calls) await callSingle(sql, call);
      });
      const paged = await leftBy(owner, tag, async (sql) => {
        for (const page of pagesOf(shuffled)) await callBulk(sql, page);
      });
      assert.deepEqual(paged, single);
    }),
    runs(60),
  );
});

/** What the events of a history say of objects, as a reading of the API would: in a call of a single form each. */
function snapshotsOf(commands: Parameters<typeof simulate>[0], tag: string): Call[] {
  return simulate(commands, tag).events.flatMap(({ type, data, timestamp }, index) => {
    const routed = route(type, data);
    if (routed.kind !== "apply" || !(routed.call.name in BULK)) return [];
    const { name, args } = routed.call;
    const isOrganization = name === "upsert_org_with_owner";
    return [{
      name,
      args: {
        ...args,
        ...(isOrganization && { p_with_owner: false }),
        // Without a svix-id nothing but the time orders two states of one millisecond: here no two share one.
        p_event_at: new Date(timestamp + index).toISOString(),
      },
    }];
  });
}

/** Neighbours of one kind make a page, three at the most. */
function pagesOf(calls: Call[]): Call[][] {
  const pages: Call[][] = [];
  for (const call of calls) {
    const page = pages.at(-1);
    const [first] = page ?? [];
    const isOfKind = first?.name === call.name && first.args.p_kind === call.args.p_kind;
    if (page && isOfKind && page.length < 3) page.push(call);
    else pages.push([call]);
  }
  return pages;
}

async function callSingle(sql: TransactionSql, { name, args }: Call): Promise<void> {
  const list = Object.keys(args).map((parameter, index) => `${parameter} => $${index + 1}`);
  await sql.unsafe(`select public.${name}(${list.join(", ")})`, Object.values(args) as never[]);
}

async function callBulk(sql: TransactionSql, page: Call[]): Promise<void> {
  const { name, argument } = BULK[page[0]!.name]!;
  const elements = page.flatMap(({ args: { p_snapshots, p_event_at, ...args } }) =>
    ((p_snapshots ?? [args]) as object[]).map((element) => ({ ...element, p_event_at }))
  );
  const kind = page[0]!.args.p_kind as string | undefined;
  const list = sql`${sql(argument)} => ${sql.json(elements as never)}`;
  const bulk = sql`select public.${sql(name)}`;
  await (kind ? sql`${bulk}(p_kind => ${kind}, ${list})` : sql`${bulk}(${list})`);
}

/** What is in the registers and the tables after `run`, without our own keys; nothing of it stays. */
async function leftBy(
  owner: Sql,
  tag: string,
  run: (sql: TransactionSql) => Promise<void>,
): Promise<unknown> {
  let left: unknown;
  await rolledBack(owner, async (sql) => {
    await run(sql);
    left = (await sql.unsafe(LEFT, [tag])).map(({ row }) => row);
  });
  return left;
}

const LEFT = `
  select row
  from (
    select 1 as part, external_id as key, to_jsonb(r) as row from clerk_sync.user_register r
    union all
    select 2, external_id, to_jsonb(r) from clerk_sync.organization_register r
    union all
    select 3, external_id, to_jsonb(r) from clerk_sync.membership_register r
    union all
    select 4, external_id, to_jsonb(u) - 'id' from public.users u
    union all
    select 5, external_id, to_jsonb(o) - 'id' from public.organizations o
    union all
    select 6, o.external_id || ':' || u.external_id, to_jsonb(m) - array['id', 'organization_id', 'user_id']
    from public.organization_members m
    join public.organizations o on o.id = m.organization_id
    join public.users u on u.id = m.user_id
    union all
    select 7, external_id, to_jsonb(r) from clerk_sync.snapshot_register r
    union all
    select 8, external_id, to_jsonb(s) - 'id' from public.subscriptions s
    union all
    select 9, external_id, to_jsonb(i) - 'id' from public.organization_invitations i
  ) everything
  where position($1 in key) > 0
  order by part, key
`;
