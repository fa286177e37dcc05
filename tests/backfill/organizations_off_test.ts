/** Organizations that are switched off in Clerk are an empty list, and no error. */
import assert from "node:assert/strict";
import { startClerkApi } from "../clerk_api/server.ts";
import { smallWorld } from "../drift/small_world.ts";
import { backfill, envFor, reportIn } from "./command.ts";
import { groundTest, runBackfill } from "./ground.ts";

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

  await step("what is here of them is told, and stays", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    await runBackfill(ground, server);
    server.hasOrganizations = false;
    const { end, held } = await runBackfill(ground, server);
    assert.deepEqual([end.kind, held], ["complete", ["organizations", "memberships"]]);
    const [row] = await ground.sql`
      select count(*)::int as living from public.organizations where deleted_at is null
    `;
    assert.equal(row?.living, 2);
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

  await step("the command says it once, with exit code 0", async () => {
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
    const json = reportIn(await backfill(envFor(ground, server), ["--json"]));
    assert.deepEqual(json.held, ["organizations", "memberships"]);
    assert.equal(json.organizations.is_enabled, false);
  });
});
