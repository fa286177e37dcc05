/** Each way in which a row can differ: made by hand, found, named, repaired, and then gone. */
import assert from "node:assert/strict";
import { groundTest, synced } from "../backfill/ground.ts";
import { rowsOf, traceOf } from "../backfill/tables.ts";
import { paidWorld } from "../backfill/worlds.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { check, linesOf, repair, resultOf } from "./ground.ts";

/** What is done behind the sync's back, and what is found of it. */
interface Case {
  name: string;
  sql?: string;
  /** In Clerk, of which no webhook arrives. */
  inClerk?: (instance: WorldInstance) => void;
  found: string[];
  /** What a repair leaves of it. */
  left?: string[];
}

const CASES: Case[] = [
  {
    name: "other values of a user",
    sql: `update public.users
      set email = 'x@example.com', banned = true, public_metadata = '{"a":1}', username = 'x'
      where external_id = 'user_ada'`,
    found: ["user user_ada different email,username,banned,public_metadata"],
  },
  {
    name: "a user without a row",
    sql: `delete from public.users where external_id = 'user_linus'`,
    found: ["user user_linus missing"],
  },
  {
    name: "a user and the memberships without a row",
    sql: `with gone as (delete from public.users where external_id = 'user_grace' returning id)
      delete from public.organization_members using gone where user_id = gone.id`,
    found: [
      "membership orgmem_engines missing",
      "membership orgmem_navy missing",
      "user user_grace missing",
    ],
  },
  {
    name: "a user marked as deleted",
    sql: `update public.users set deleted_at = now() where external_id = 'user_linus'`,
    found: ["user user_linus different deleted_at"],
  },
  {
    name: "a user who is known from a membership alone",
    sql: `update clerk_sync.user_register set version.rank = 2 where external_id = 'user_grace'`,
    found: ["user user_grace stale"],
  },
  {
    name: "a user changed in Clerk",
    inClerk: (instance) => instance.changeUser("user_ada", { first_name: "Augusta" }),
    found: ["user user_ada stale full_name"],
  },
  {
    name: "a user made in Clerk",
    inClerk: (instance) => instance.addUser({ id: "user_new" }),
    found: ["user user_new missing"],
  },
  {
    name: "a user whom a call by hand put ahead of Clerk",
    sql: `select public.upsert_user('user_linus', p_email => 'hand@example.com')`,
    found: ["user user_linus different email,full_name,avatar_url"],
  },
  {
    name: "a user of whom Clerk knows nothing",
    sql: `insert into public.users (external_id, email) values ('user_ghost', '')`,
    found: ["user user_ghost extra"],
  },
  {
    name: "a user deleted in Clerk, with the memberships",
    inClerk: (instance) => instance.deleteUser("user_grace"),
    found: ["user user_grace extra"],
  },
  {
    name: "a user of whom Clerk knows nothing, with a membership made by hand",
    sql: `with ghost as (
        insert into public.users (external_id, email) values ('user_ghost', '') returning id
      )
      insert into public.organization_members (organization_id, user_id)
      select o.id, ghost.id from ghost, public.organizations o where o.external_id = 'org_navy'`,
    found: ["user user_ghost extra"],
  },
  {
    name: "a user deleted here",
    sql: `select public.delete_user('user_linus')`,
    found: ["user user_linus deleted deleted_at"],
    left: ["user user_linus deleted deleted_at"],
  },
  {
    name: "other values of an organization",
    sql: `update public.organizations
      set name = 'X', slug = null, public_metadata = '{"a":1}', logo_url = 'x'
      where external_id = 'org_navy'`,
    found: ["organization org_navy different name,slug,logo_url,public_metadata"],
  },
  {
    name: "an organization's creator, and with it the role",
    sql: `update public.organizations set created_by = 'user_grace' where external_id = 'org_navy'`,
    found: [
      "membership orgmem_ada_navy role role",
      "membership orgmem_navy role role",
      "organization org_navy different created_by",
    ],
  },
  {
    name: "an organization changed in Clerk",
    inClerk: (instance) => instance.changeOrganization("org_engines", { name: "Analytical" }),
    found: ["organization org_engines stale name"],
  },
  {
    name: "slugs that two organizations have swapped",
    inClerk: (instance) => {
      instance.changeOrganization("org_engines", { slug: "other" });
      instance.changeOrganization("org_navy", { slug: "engines" });
      instance.changeOrganization("org_engines", { slug: "navy" });
    },
    found: ["organization org_engines stale slug", "organization org_navy stale slug"],
  },
  {
    name: "an organization of which Clerk knows nothing",
    sql: `insert into public.organizations (external_id, name) values ('org_ghost', 'Ghost')`,
    found: ["organization org_ghost extra"],
  },
  {
    name: "a slug that an organization deleted in Clerk still holds",
    sql: `select public.upsert_org_with_owner('org_ghost', 'Ghost', 'navy')`,
    found: ["organization org_ghost extra", "organization org_navy different slug"],
  },
  {
    name: "an organization deleted in Clerk, with its memberships",
    inClerk: (instance) => instance.deleteOrganization("org_navy"),
    found: ["organization org_navy extra"],
  },
  {
    name: "an organization deleted here",
    sql: `select public.delete_org('org_navy')`,
    found: ["organization org_navy deleted slug,deleted_at"],
    left: ["organization org_navy deleted slug,deleted_at"],
  },
  {
    name: "a role changed here",
    sql: `update public.organization_members set role = 'admin', clerk_role = 'org:admin'
      where external_id = 'orgmem_engines'`,
    found: ["membership orgmem_engines role role,clerk_role"],
  },
  {
    name: "a role changed in Clerk",
    inClerk: (instance) => instance.changeMembership("orgmem_navy", { role: "org:member" }),
    found: ["membership orgmem_navy stale role,clerk_role"],
  },
  {
    name: "a membership without a row",
    sql: `delete from public.organization_members where external_id = 'orgmem_engines'`,
    found: ["membership orgmem_engines missing"],
  },
  {
    name: "other values of a membership",
    sql: `update public.organization_members
      set status = 'inactive', joined_at = now(), external_id = 'orgmem_x'
      where external_id = 'orgmem_navy'`,
    found: ["membership orgmem_navy different external_id,joined_at,status"],
  },
  {
    name: "a member whom Clerk does not have there",
    sql: `insert into public.organization_members (organization_id, user_id)
      select o.id, u.id from public.organizations o, public.users u
      where o.external_id = 'org_navy' and u.external_id = 'user_linus'`,
    found: ["membership org_navy:user_linus extra"],
  },
  {
    name: "a member removed in Clerk",
    inClerk: (instance) => instance.removeMembership("orgmem_engines"),
    found: ["membership orgmem_engines extra"],
  },
  {
    name: "a member who left and rejoined in Clerk",
    inClerk: (instance) => {
      instance.removeMembership("orgmem_engines");
      instance.addMembership("org_engines", "user_grace", "org:admin", { id: "orgmem_again" });
    },
    found: ["membership orgmem_again stale role,clerk_role,external_id,joined_at"],
  },
  {
    name: "a membership removed here",
    sql: `select public.remove_membership('org_engines', 'user_grace')`,
    found: ["membership orgmem_engines deleted"],
    left: ["membership orgmem_engines deleted"],
  },
  {
    name: "a user deleted everywhere, brought back by hand",
    sql: `select public.delete_user('user_linus');
      update public.users set deleted_at = null where external_id = 'user_linus'`,
    inClerk: (instance) => instance.deleteUser("user_linus"),
    found: ["user user_linus extra"],
  },
  {
    name: "an organization deleted everywhere, brought back by hand",
    sql: `select public.delete_org('org_navy');
      update public.organizations set deleted_at = null where external_id = 'org_navy'`,
    inClerk: (instance) => instance.deleteOrganization("org_navy"),
    found: ["organization org_navy extra"],
  },
  {
    name: "a member removed everywhere, put back by hand",
    sql: `create temp table kept as select * from public.organization_members
      where external_id = 'orgmem_engines';
      select public.remove_membership('org_engines', 'user_grace', 'orgmem_engines');
      insert into public.organization_members select * from kept`,
    inClerk: (instance) => instance.removeMembership("orgmem_engines"),
    found: ["membership orgmem_engines extra"],
  },
  {
    name: "other values of a subscription item",
    sql: `update public.subscriptions
      set plan = 'free', plan_name = null, seats = 3, organization_external_id = 'org_navy', period_end = null
      where external_id = 'csub_item_engines'`,
    found: [
      "subscription csub_item_engines different organization_external_id,period_end,plan,plan_name,seats",
    ],
  },
  {
    name: "a subscription item without a row",
    sql: "delete from public.subscriptions where external_id = 'csub_item_old'",
    found: ["subscription csub_item_old missing"],
  },
  {
    name: "a subscription item that has ended in Clerk",
    inClerk: (instance) => instance.changeItem("csub_item_engines", { status: "ended" }),
    found: ["subscription csub_item_engines stale status"],
  },
  {
    name: "a plan that is new in Clerk",
    inClerk: (instance) => instance.addItem("user_grace", "plus", { id: "csub_item_new" }),
    found: ["subscription csub_item_new missing"],
  },
  {
    name: "a subscription item that somebody ended here",
    sql: `update public.subscriptions set status = 'ended' where external_id = 'csub_item_ada'`,
    found: ["subscription csub_item_ada different status"],
  },
  {
    name: "a subscription item that a call by hand put ahead of Clerk",
    sql: `select public.record_snapshots('subscription', '[{
      "p_external_id": "csub_item_engines", "p_plan": "team", "p_status": "past_due"}]')`,
    found: ["subscription csub_item_engines different plan,status"],
  },
  {
    name: "an open subscription item of which Clerk knows nothing",
    sql:
      `insert into public.subscriptions (external_id, user_external_id, status, created_at, updated_at)
      values ('csub_item_ghost', 'user_ada', 'canceled', now(), now())`,
    found: ["subscription csub_item_ghost extra"],
  },
  {
    name:
      "a subscription item that is gone from Clerk, and one that is over here and unknown there",
    sql:
      `insert into public.subscriptions (external_id, user_external_id, status, created_at, updated_at)
      values ('csub_item_over', 'user_ada', 'ended', now(), now())`,
    inClerk: (instance) => instance.removeItem("csub_item_ada"),
    found: ["subscription csub_item_ada extra"],
  },
  {
    name: "other values of an invitation",
    sql: `update public.organization_invitations
      set email = 'x@example.com', role = 'admin', expires_at = null
      where external_id = 'orginv_mary'`,
    found: ["invitation orginv_mary different email,expires_at,role"],
  },
  {
    name: "an invitation without a row",
    sql: "delete from public.organization_invitations where external_id = 'orginv_mary'",
    found: ["invitation orginv_mary missing"],
  },
  {
    name: "an invitation that was accepted in Clerk",
    inClerk: (instance) => instance.changeInvitation("orginv_mary", { status: "accepted" }),
    found: ["invitation orginv_mary stale status"],
  },
  {
    name: "an invitation that has expired in Clerk, which tells nobody",
    inClerk: (instance) => {
      const { updated_at } = JSON.parse(instance.invitation("org_engines", "orginv_mary")!);
      instance.changeInvitation("orginv_mary", { status: "expired", updated_at });
    },
    found: ["invitation orginv_mary different status"],
  },
  {
    name: "an invitation that is made in Clerk",
    inClerk: (instance) => instance.addInvitation("org_navy", { id: "orginv_new" }),
    found: ["invitation orginv_new missing"],
  },
  {
    name: "a pending invitation of which Clerk knows nothing",
    sql: `insert into public.organization_invitations
        (external_id, organization_external_id, email, role, clerk_role, status, created_at, updated_at)
      values ('orginv_ghost', 'org_navy', 'x@example.com', 'member', 'org:member', 'pending', now(), now())`,
    found: ["invitation orginv_ghost extra"],
  },
  {
    name: "an invitation that is gone from Clerk",
    inClerk: (instance) => instance.removeInvitation("orginv_mary"),
    found: ["invitation orginv_mary extra"],
  },
  {
    name: "an organization that is gone from Clerk, with those who are invited",
    inClerk: (instance) => {
      instance.addInvitation("org_navy", { id: "orginv_navy" });
      instance.deleteOrganization("org_engines");
    },
    found: [
      "invitation orginv_mary extra",
      "invitation orginv_navy missing",
      "organization org_engines extra",
    ],
  },
];

groundTest("drift: what differs is found, and gone after a repair", async (ground, step) => {
  await step("nothing differs after a backfill", async () => {
    await using server = await synced(ground, paidWorld());
    assert.deepEqual(resultOf(await check(ground, server)), ["in_sync", 0, []]);
  });

  for (const { name, sql, inClerk, found, left = [] } of CASES) {
    await step(name, async () => {
      await using server = await synced(ground, paidWorld());
      const before = await rowsOf(ground);

      if (sql) await ground.sql.unsafe(sql);
      inClerk?.(server.instance);
      const damaged = await traceOf(ground);
      const checked = await check(ground, server, { isRecorded: false });
      assert.deepEqual(resultOf(checked), ["drift", 1, found]);
      assert.deepEqual(await traceOf(ground), damaged, "a check writes nothing");

      const repaired = await repair(ground, server);
      const isWhole = left.length === 0;
      assert.deepEqual(
        [repaired.outcome, repaired.exit_code],
        isWhole ? ["repaired", 0] : ["drift", 1],
      );
      assert.deepEqual(linesOf(repaired).filter((line) => !line.endsWith(" repaired")), left);
      const after = resultOf(await check(ground, server));
      assert.deepEqual(after, isWhole ? ["in_sync", 0, []] : ["drift", 1, left]);
      if (sql && !inClerk && isWhole) assert.deepEqual(await rowsOf(ground), before, "as it was");
    });
  }
});
