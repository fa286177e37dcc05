/** Organizations that are switched off in Clerk: nothing is known of them then, and nothing of them ends. */
import assert from "node:assert/strict";
import { backfill, envFor, groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { livingIds } from "../backfill/tables.ts";
import { hiding, smallWorld } from "../backfill/worlds.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { check, drift, linesOf, repair, reportIn } from "./ground.ts";

groundTest("drift: organizations switched off in Clerk", async (ground, step) => {
  await step("users are compared, and without an organization here all is in sync", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    server.hasOrganizations = false;
    await runBackfill(ground, server);
    const report = await check(ground, server);
    assert.deepEqual([report.outcome, report.exit_code], ["in_sync", 0]);
    assert.deepEqual(
      [report.users?.is_enabled, report.users?.compared, report.organizations?.is_enabled],
      [true, 3, false],
    );
    assert.deepEqual([report.memberships?.is_enabled, report.memberships?.here], [false, 0]);
  });

  await step("a repair ends no row of those that are here, and repairs the users", async () => {
    await using server = await synced(ground);
    const rows = await livingIds(ground);
    server.instance.changeUser("user_ada", { username: "ada" });
    server.instance.deleteOrganization("org_navy");
    server.hasOrganizations = false;
    const report = await repair(ground, server);
    assert.deepEqual(linesOf(report), ["user user_ada stale username repaired"]);
    assert.deepEqual([report.outcome, report.exit_code], ["repaired", 0]);
    assert.deepEqual([report.organizations?.here, report.memberships?.here], [2, 4]);
    assert.deepEqual(await livingIds(ground), rows);
  });

  await step("in the middle of the check: what was found of them until then is left", async () => {
    const instance = smallWorld();
    const hidden = hiding(instance, ["org_navy", "orgmem_navy"]);
    await using whole = startClerkApi({ instance });
    await runBackfill(ground, whole);
    const rows = await livingIds(ground);
    const places: ((path: string) => boolean)[] = [
      (path) => path === "/v1/organizations/org_navy",
      (path) => path === "/v1/organizations/org_navy/memberships",
      (path) => path === "/v1/organization_memberships",
    ];
    for (const strikes of places) {
      await using server = startClerkApi({ instance: hidden });
      const code = "organization_not_enabled_in_instance";
      server.faults.always({ kind: "clerk_error", status: 403, code }, strikes);
      const report = await repair(ground, server);
      assert.deepEqual([linesOf(report), report.exit_code], [[], 0]);
      assert.deepEqual(await livingIds(ground), rows);
    }
  });

  await step("after an organization was found to be gone: it is left as well", async () => {
    await using server = await synced(ground);
    const rows = await livingIds(ground);
    server.instance.deleteOrganization("org_navy");
    const code = "organization_not_enabled_in_instance";
    const strikes = (path: string) => path === "/v1/organization_memberships";
    server.faults.always({ kind: "clerk_error", status: 403, code }, strikes);
    const report = await repair(ground, server);
    assert.deepEqual([linesOf(report), report.exit_code], [[], 0]);
    assert.deepEqual(await livingIds(ground), rows);
  });

  await step("a user who is gone ends all the same, with the memberships", async () => {
    await using server = await synced(ground);
    server.instance.deleteUser("user_grace");
    server.hasOrganizations = false;
    const report = await repair(ground, server);
    assert.deepEqual(linesOf(report), ["user user_grace extra repaired"]);
    assert.deepEqual([report.memberships?.here, report.memberships?.with_parent], [4, 2]);
  });

  await step("is no word about the key, and no other error is taken for it", async () => {
    await using server = await synced(ground);
    const rows = await livingIds(ground);
    for (
      const [path, status, code, word] of [
        ["/v1/organizations", 403, "authorization_invalid", "wrong_clerk_key"],
        ["/v1/organizations", 403, "operation_not_allowed", "clerk_refused"],
        ["/v1/users", 403, "feature_not_enabled", "clerk_not_enabled"],
      ] as const
    ) {
      server.faults.clear();
      server.faults.always({ kind: "clerk_error", status, code }, (asked) => asked === path);
      const report = await repair(ground, server);
      assert.deepEqual([report.exit_code, report.error], [2, word]);
      assert.deepEqual(await livingIds(ground), rows);
    }
  });

  await step("the command says it once, and warns of what is here", async () => {
    await using server = await synced(ground);
    server.hasOrganizations = false;
    const { code, stdout } = await drift(envFor(ground, server));
    assert.equal(code, 0);
    assert.equal(stdout.match(/switched off in Clerk/g)?.length, 1);
    assert.match(stdout, /\ncompared +3 +0 +0 +0 +0\n/);
    assert.match(stdout, /\nin sync, after/);
    assert.match(stdout, /\nWarning: 2 organizations and 4 memberships are here all the same/);
    const json = reportIn(await drift(envFor(ground, server), ["--json"]));
    assert.deepEqual([json.organizations?.is_enabled, json.organizations?.here], [false, 2]);
  });
});

groundTest("backfill: organizations switched off in Clerk", async (ground, step) => {
  await step("all users come, and the run is complete", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    server.hasOrganizations = false;
    for (const isDryRun of [true, false]) {
      const { end, state, held } = await runBackfill(ground, server, { isDryRun });
      assert.deepEqual([end.kind, state.users.applied, held], ["complete", 3, []]);
      assert.deepEqual([state.users.isEnabled, state.organizations.isEnabled], [true, false]);
      assert.equal(state.memberships.isEnabled, false);
    }
  });

  await step("switched on again before the run's end, they are read when it goes on", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    server.hasOrganizations = false;
    const strikes = (path: string) => path === "/v1/organization_memberships";
    server.faults.always({ kind: "server_error", status: 503 }, strikes);
    assert.equal((await runBackfill(ground, server)).end.kind, "failed");
    server.faults.clear();
    server.hasOrganizations = true;
    const { end, state, isResumed } = await runBackfill(ground, server);
    assert.deepEqual([end.kind, isResumed], ["complete", true]);
    assert.deepEqual([state.organizations.isEnabled, state.organizations.applied], [true, 2]);
    assert.deepEqual([state.memberships.isEnabled, state.memberships.applied], [true, 4]);
  });

  await step("the command says it once, also of what is here, which stays", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    server.hasOrganizations = false;
    const first = await backfill(envFor(ground, server));
    assert.equal(first.code, 0, first.stderr);
    assert.equal((first.stdout + first.stderr).match(/switched off in Clerk/g)?.length, 1);
    assert.doesNotMatch(first.stdout, /Warning/);

    server.hasOrganizations = true;
    await backfill(envFor(ground, server));
    server.hasOrganizations = false;
    const { code, stdout } = await backfill(envFor(ground, server));
    assert.equal(code, 0);
    assert.match(stdout, /\nWarning: organizations and memberships are here all the same/);
    assert.equal((await livingIds(ground)).length, 9, "and stay");
    const json = JSON.parse((await backfill(envFor(ground, server), ["--json"])).stdout);
    assert.deepEqual(json.held, ["organizations", "memberships"]);
    assert.equal(json.organizations.is_enabled, false);
  });
});
