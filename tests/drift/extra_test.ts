/** A row is deleted only after Clerk itself has answered that it does not have it. */
import assert from "node:assert/strict";
import { groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { idsInClerk, livingIds } from "../backfill/tables.ts";
import { crowd, hiding, oldInstance, smallWorld } from "../backfill/worlds.ts";
import { type Fault, timeoutFor } from "../clerk_api/faults.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { before, check, linesOf, repair } from "./ground.ts";

const HIDDEN = ["user_grace", "org_navy", "orgmem_engines"];

groundTest("drift: a row that Clerk's list lacks", async (ground, step) => {
  await step("is asked for by its id, and stays when Clerk has it", async () => {
    await using whole = await synced(ground);
    const rows = await livingIds(ground);

    await using server = startClerkApi({ instance: hiding(whole.instance, HIDDEN) });
    const report = await repair(ground, server);
    assert.deepEqual([report.outcome, report.users?.compared], ["in_sync", 3]);
    assert.deepEqual(await livingIds(ground), rows);
    const asked = server.requests.filter((path) => !/\?limit=|count|instance/.test(path));
    assert.deepEqual(asked, [
      "GET /v1/users/user_grace",
      "GET /v1/organizations/org_navy",
      "GET /v1/organizations/org_engines/memberships?user_id=user_grace",
    ]);
  });

  await step("is compared with what Clerk answers", async () => {
    const instance = smallWorld();
    await using server = startClerkApi({ instance: hiding(instance, HIDDEN) });
    await using whole = startClerkApi({ instance });
    await runBackfill(ground, whole);
    instance.changeUser("user_grace", { username: "grace" });
    instance.changeMembership("orgmem_engines", { role: "org:admin" });
    assert.deepEqual(linesOf(await repair(ground, server)), [
      "membership orgmem_engines stale role,clerk_role repaired",
      "user user_grace stale username repaired",
    ]);
    assert.equal((await check(ground, whole)).outcome, "in_sync");
  });

  await step("because older ones vanish while it is read, stays too", async () => {
    await using server = await synced(ground, crowd(40, oldInstance()));
    const { users, organizations, memberships } = server.instance.world;
    let page = 0;
    const onPage = () => {
      page++;
      const oldest = page < 12 ? users : page < 15 ? organizations : memberships;
      if (page % 2 === 0) remove(server.instance, oldest[page / 2]!.id);
    };
    const { outcome } = await repair(ground, server, { limit: 4, onPage });
    assert.ok(page > 30, `${page} pages`);
    assert.equal(outcome, "repaired");
    const here = await livingIds(ground);
    assert.deepEqual(idsInClerk(server.instance).filter((id) => !here.includes(id)), []);
    await repair(ground, server);
    assert.deepEqual(await livingIds(ground), idsInClerk(server.instance));
  });

  await step("for it is younger than the list, is no drift", async () => {
    await using server = await synced(ground);
    const around = before("sync_list_users", async () => {
      server.instance.addUser({ id: "user_new" });
      // As by its webhook.
      await runBackfill(ground, server);
    });
    const report = await check(ground, server, { around });
    assert.deepEqual([linesOf(report), report.users?.compared], [[], 4]);
  });
});

groundTest("drift: an answer that is not Clerk's own 404", async (ground, step) => {
  const answers: Fault[] = [
    { kind: "foreign_error", status: 404 },
    { kind: "other_json", body: null },
    { kind: "other_json", body: { data: [], total_count: "none" } },
    { kind: "html" },
    { kind: "server_error", status: 503 },
    { kind: "hang" },
  ];
  for (const fault of answers) {
    await step(`deletes nothing: ${JSON.stringify(fault)}`, async () => {
      await using whole = await synced(ground);
      const rows = await livingIds(ground);
      await using server = startClerkApi({ instance: hiding(whole.instance, HIDDEN) });
      for (const path of ["/v1/users/user_grace", "/v1/organizations/org_engines/memberships"]) {
        server.faults.clear();
        server.faults.always(fault, (asked) => asked === path);
        const report = await repair(ground, server, { timeoutMs: timeoutFor(fault) });
        assert.deepEqual([report.outcome, report.exit_code], ["could_not_tell", 2]);
        assert.match(report.error!, /^clerk_(invalid_answer|unavailable)$/);
        assert.deepEqual(await livingIds(ground), rows);
      }
    });
  }

  await step("in the middle: what was proven before is not deleted either", async () => {
    await using server = await synced(ground);
    server.instance.deleteUser("user_grace");
    server.instance.deleteOrganization("org_navy");
    server.faults.always(
      { kind: "foreign_error", status: 404 },
      (path) => path === "/v1/organizations/org_navy",
    );
    const rows = await livingIds(ground);
    const report = await repair(ground, server);
    assert.deepEqual([report.exit_code, linesOf(report)], [2, ["user user_grace extra"]]);
    assert.deepEqual(await livingIds(ground), rows);
  });
});

groundTest("drift: a membership that Clerk does not have", async (ground, step) => {
  await step("is not asked for where its user or organization is gone", async () => {
    await using server = await synced(ground);
    server.instance.deleteUser("user_grace");
    server.requests.length = 0;
    const report = await repair(ground, server);
    assert.deepEqual([report.users?.removed, report.memberships?.with_parent], [1, 2]);
    assert.ok(server.requests.every((path) => !path.includes("memberships?user_id")));
    const rows = await ground.sql`select status from public.organization_members order by status`;
    assert.deepEqual(rows.map(({ status }) => status), [
      "active",
      "active",
      "inactive",
      "inactive",
    ]);
  });

  await step("is asked for all the same when only memberships are checked", async () => {
    await using server = await synced(ground);
    server.instance.deleteUser("user_grace");
    const report = await check(ground, server, { names: ["memberships"] });
    assert.deepEqual(linesOf(report), [
      "membership orgmem_engines extra",
      "membership orgmem_navy extra",
    ]);
    assert.deepEqual([report.users, report.organizations], [null, null]);
  });

  await step("stays when its user rejoined before it is deleted", async () => {
    await using server = await synced(ground);
    server.instance.removeMembership("orgmem_engines");
    const around = before("remove_membership", async () => {
      server.instance.addMembership("org_engines", "user_grace", "org:member", {
        id: "orgmem_again",
      });
      await ground.sql`
        select public.set_membership(
          'org_engines', 'user_grace', 'org:member', 'orgmem_again', '2026-03-02 10:00Z', '2026-03-02 10:00Z'
        )
      `;
    });
    await repair(ground, server, { around });
    assert.ok((await livingIds(ground)).includes("orgmem_again"));
  });
});

/** What is not there any more, or was never of this kind, is left alone. */
function remove(instance: WorldInstance, id: string): void {
  if (!idsInClerk(instance).includes(id)) return;
  if (id.startsWith("user_")) instance.deleteUser(id);
  else if (id.startsWith("org_")) instance.deleteOrganization(id);
  else instance.removeMembership(id);
}
