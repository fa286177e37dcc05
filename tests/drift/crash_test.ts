/** Repairs that are killed, and repairs that meet. */
import assert from "node:assert/strict";
import type { Report } from "../../scripts/drift/report.ts";
import type { ReportedDifference } from "../../scripts/drift/tally.ts";
import { envFor, type Ground, groundTest, liveFor, runBackfill } from "../backfill/ground.ts";
import { idsInClerk, livingIds } from "../backfill/tables.ts";
import { crowd, oldInstance } from "../backfill/worlds.ts";
import { type ClerkApiServer, startClerkApi } from "../clerk_api/server.ts";
import { isInForce } from "../../scripts/converge/clerk/world.ts";
import type { WorldInstance } from "../clerk_api/world_instance.ts";
import { check, drift, repair } from "./ground.ts";

const ARGS = "--json --repair --max-deletes 100% --page-size 10 --rate 10000".split(" ");

/** An instance, and a project of which much is wrong, in every way. */
async function damage(ground: Ground, users: number = 60): Promise<WorldInstance> {
  const instance = crowd(users, oldInstance());
  await ground.empty();
  await using server = startClerkApi({ instance });
  await runBackfill(ground, server, { limit: 500 });
  const { organizations, memberships } = instance.world;
  for (const index of [5, 25, 50]) instance.deleteUser(instance.world.users[index]!.id);
  instance.deleteOrganization(organizations[7]!.id);
  for (const { id } of memberships.filter(isInForce).filter((_, index) => index % 15 === 5)) {
    instance.removeMembership(id);
  }
  await ground.sql.unsafe(`
    update public.users set email = 'x' where abs(hashtext(external_id)) % 2 = 0;
    update public.organizations set name = 'x' where abs(hashtext(external_id)) % 2 = 0;
    update public.organization_members set role = 'x' where abs(hashtext(external_id)) % 3 = 0;
    delete from public.organization_members where abs(hashtext(external_id)) % 3 = 1;
    insert into public.users (external_id, email)
    select 'user_ghost' || n, '' from generate_series(1, 9) n;
    insert into public.organizations (external_id, name) values ('org_ghost', 'Ghost');
  `);
  return instance;
}

function leftOf({ differences }: Report): ReportedDifference[] {
  return differences.filter(({ is_repaired }) => !is_repaired);
}

async function assertWhole(
  ground: Ground,
  server: ClerkApiServer,
  instance: WorldInstance,
): Promise<void> {
  assert.deepEqual(await livingIds(ground), idsInClerk(instance));
  assert.equal((await check(ground, server, { limit: 100 })).outcome, "in_sync");
}

groundTest("drift: a repair that breaks off and is made again", async (ground, step) => {
  await step("killed at any moment, leaves nothing that the next one does not mend", async () => {
    const first = await damage(ground);
    await using undisturbed = startClerkApi({ instance: first });
    assert.equal((await drift(envFor(ground, undisturbed), ARGS)).code, 0);
    const { length: whole } = undisturbed.requests;
    await assertWhole(ground, undisturbed, first);

    for (let round = 0; round < 3; round++) {
      const instance = await damage(ground);
      await using server = startClerkApi({ instance });
      const env = envFor(ground, server);
      await liveFor(whole, [0.3, 0.9], server, "drift", { env, args: ARGS });
      assert.equal((await drift(env, ARGS)).code, 0);
      await assertWhole(ground, server, instance);
    }
  });

  for (
    const broken of ["sync_upsert_users", "set_membership", "delete_user", "remove_membership"]
  ) {
    await step(`at ${broken}, for the database is gone, does too`, async () => {
      // Only what differs on a page in plenty is written by the bulk RPC.
      const isBulk = broken === "sync_upsert_users";
      const instance = await damage(ground, isBulk ? 120 : 60);
      await using server = startClerkApi({ instance });
      let calls = 0;
      const report = await repair(ground, server, {
        limit: isBulk ? 50 : 5,
        around: (callRpc) => (call, signal) =>
          call.name === broken && ++calls > 1
            ? Promise.resolve({ kind: "failed", code: "unreachable" })
            : callRpc(call, signal),
      });
      assert.deepEqual([report.exit_code, report.error], [2, "project_unavailable"]);
      const again = await repair(ground, server, { limit: 50 });
      assert.deepEqual([again.exit_code, leftOf(again)], [0, []]);
      await assertWhole(ground, server, instance);
    });
  }
});

groundTest("drift: two repairs at once", async (ground, step) => {
  await step("both find what differs, and leave nothing of it", async () => {
    for (let round = 0; round < 2; round++) {
      const instance = await damage(ground);
      await using server = startClerkApi({ instance });
      const reports = await Promise.all([7, 20].map((limit) => repair(ground, server, { limit })));
      assert.deepEqual(reports.map(({ exit_code }) => exit_code), [0, 0]);
      await assertWhole(ground, server, instance);
    }
  });
});
