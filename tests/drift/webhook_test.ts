/** Webhooks arrive while Clerk is read: what they are about to say, or have just said, is no drift. */
import assert from "node:assert/strict";
import { type Ground, groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { traceOf } from "../backfill/tables.ts";
import type { ClerkApiServer } from "../clerk_api/server.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { before, check, linesOf, repair } from "./ground.ts";

/** Something that happens in Clerk at this moment, and what a check finds as long as no webhook tells of it. */
interface Change {
  name: string;
  inClerk: (instance: WorldInstance) => void;
  /** As its webhook. */
  here: (ground: Ground, server: ClerkApiServer) => Promise<unknown>;
  found: string;
}

const now = () => ({ updated_at: Date.now() });

const CHANGES: Change[] = [
  {
    name: "a user signs up",
    inClerk: (instance) => instance.addUser({ id: "user_new", created_at: Date.now() }),
    here: runBackfill,
    found: "user user_new missing",
  },
  {
    name: "an organization is renamed",
    inClerk: (instance) => instance.changeOrganization("org_navy", { name: "Fleet", ...now() }),
    here: runBackfill,
    found: "organization org_navy stale name",
  },
  {
    name: "a member gets another role",
    inClerk: (instance) =>
      instance.changeMembership("orgmem_engines", { role: "org:admin", ...now() }),
    here: runBackfill,
    found: "membership orgmem_engines stale role,clerk_role",
  },
  {
    name: "a user is deleted",
    inClerk: (instance) => instance.deleteUser("user_linus"),
    here: ({ sql }) => sql`select public.delete_user('user_linus')`,
    found: "user user_linus extra",
  },
  {
    name: "an organization is deleted",
    inClerk: (instance) => instance.deleteOrganization("org_navy"),
    here: ({ sql }) => sql`select public.delete_org('org_navy')`,
    found: "organization org_navy extra",
  },
  {
    name: "a member leaves",
    inClerk: (instance) => instance.removeMembership("orgmem_navy"),
    here: ({ sql }) =>
      sql`select public.remove_membership('org_navy', 'user_grace', 'orgmem_navy')`,
    found: "membership orgmem_navy extra",
  },
];

const COMPARISONS = ["sync_compare_users", "sync_compare_orgs", "sync_compare_memberships"];

groundTest("drift: a webhook that arrives during the check", async (ground, step) => {
  for (const { name, inClerk, here, found } of CHANGES) {
    await step(`${name}: no drift when it arrives before the last look, else drift`, async () => {
      await using server = await synced(ground);
      inClerk(server.instance);
      assert.deepEqual(linesOf(await check(ground, server)), [found]);

      let isLastLook = false;
      const around = before(() => isLastLook, () => here(ground, server));
      const onSettling = () => void (isLastLook = true);
      const report = await check(ground, server, { onSettling, around });
      assert.deepEqual([report.outcome, linesOf(report)], ["in_sync", []]);
    });

    for (const isRepair of [false, true]) {
      const what = isRepair ? "a repair" : "a check";
      await step(`${name}: no drift when Clerk told ${what} what was before`, async () => {
        await using server = await synced(ground);
        const comparison = COMPARISONS.find((name) =>
          name.startsWith(`sync_compare_${found.slice(0, 3)}`)
        );
        const around = before(comparison!, async () => {
          inClerk(server.instance);
          await here(ground, server);
        });
        const run = isRepair ? repair : check;
        const report = await run(ground, server, { around });
        assert.deepEqual([report.outcome, linesOf(report)], ["in_sync", []]);
      });
    }
  }

  await step("after a repair that wrote the same, changes nothing", async () => {
    await using server = await synced(ground);
    server.instance.changeUser("user_ada", { username: "ada" });
    server.instance.changeMembership("orgmem_navy", { role: "org:member" });
    const { outcome } = await repair(ground, server);
    const traceOfObjects = async () =>
      (await traceOf(ground)).filter((line) => !line.startsWith("clerk_sync.runs "));
    const trace = await traceOfObjects();
    await runBackfill(ground, server);
    assert.deepEqual([outcome, await traceOfObjects()], ["repaired", trace]);
  });

  await step("a member leaves and rejoins before the last look: no drift", async () => {
    await using server = await synced(ground);
    server.instance.removeMembership("orgmem_navy");
    let isLastLook = false;
    const around = before(() => isLastLook, async () => {
      server.instance.addMembership("org_navy", "user_grace", "org:admin", {
        id: "orgmem_rejoined",
      });
      await runBackfill(ground, server);
    });
    const onSettling = () => void (isLastLook = true);
    assert.deepEqual(linesOf(await check(ground, server, { onSettling, around })), []);
  });

  await step("is waited for only where something is open", async () => {
    await using server = await synced(ground);
    await ground.sql`update public.users set email = 'x@example.com'`;
    let waits = 0;
    const onSettling = () => void waits++;
    const report = await check(ground, server, { onSettling });
    assert.deepEqual([report.users?.different, waits], [3, 0]);
  });
});
