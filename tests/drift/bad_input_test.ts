/** Whatever answers instead of the project's own Clerk: a word of its own, nothing written, nothing leaked. */
import assert from "node:assert/strict";
import type { Report } from "../../scripts/drift/report.ts";
import { type Ground, groundTest, synced } from "../backfill/ground.ts";
import { livingIds, traceOf } from "../backfill/tables.ts";
import {
  crowd,
  LASTING,
  oldInstance,
  PASSING,
  slugTooLong,
  smallWorld,
  striking,
} from "../backfill/worlds.ts";
import { timeoutFor } from "../clerk_api/faults.ts";
import { type ClerkApiServer, startClerkApi } from "../clerk_api/server.ts";
import { check, linesOf, repair, type Settings } from "./ground.ts";

/** Why neither a check nor a repair can tell; nothing may have been written by either. */
async function refusedBy(
  ground: Ground,
  server: ClerkApiServer,
  settings: Settings = {},
): Promise<{ error: string | null; message: string }> {
  const trace = await traceOf(ground);
  const reports = [await check(ground, server, settings), await repair(ground, server, settings)];
  assert.deepEqual(await traceOf(ground), trace);
  for (const report of reports) assert.deepEqual([report.exit_code, report.instance_id], [2, null]);
  const [{ error, message }, repaired] = reports as [Report, Report];
  assert.deepEqual([repaired.error, repaired.message], [error, message]);
  return { error, message: message ?? "" };
}

groundTest("drift: what is not the project's Clerk", async (ground, step) => {
  await step("a wrong secret key is said to be one, and not shown", async () => {
    await using server = await synced(ground);
    const { error, message } = await refusedBy(ground, server, { secretKey: "sk_test_hidden" });
    assert.equal(error, "wrong_clerk_key");
    assert.doesNotMatch(message, /hidden/);
  });

  await step("another instance's key is refused, and both are named", async () => {
    await using server = await synced(ground);
    await using other = startClerkApi({ instance: oldInstance("ins_other") });
    const { error, message } = await refusedBy(ground, other);
    assert.equal(error, "other_instance");
    assert.ok(message.includes("ins_other") && message.includes(server.instanceId));
  });

  await step("so it is where the project is bound to none, but holds others' users", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    await ground.sql`select public.upsert_user('user_stranger')`;
    assert.equal((await refusedBy(ground, server)).error, "other_instance");
  });

  await step("a project bound to none: a check leaves it so, a repair binds it", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    const bound = async () => (await ground.sql`select public.sync_bound_instance() as id`)[0]?.id;
    assert.deepEqual([(await check(ground, server)).users?.missing, await bound()], [3, null]);
    assert.deepEqual([(await repair(ground, server)).exit_code, await bound()], [
      0,
      server.instanceId,
    ]);
  });

  await step("a Clerk that is not there is clerk_unavailable", async () => {
    const server = await synced(ground);
    await server[Symbol.asyncDispose]();
    assert.equal((await refusedBy(ground, server)).error, "clerk_unavailable");
  });

  for (const [fault, word] of LASTING) {
    await step(`${JSON.stringify(fault)} at once is ${word}`, async () => {
      await using server = await synced(ground);
      server.faults.always(fault);
      const refused = await refusedBy(ground, server, { timeoutMs: timeoutFor(fault) });
      assert.equal(refused.error, word);
    });
  }
});

groundTest("drift: what goes wrong at Clerk in the middle", async (ground, step) => {
  await step("and passes, is not noticed", async () => {
    await using server = await synced(ground, crowd(30, oldInstance()));
    server.instance.deleteUser(server.instance.world.users[7]!.id);
    const { strikes, ...faults } = striking(server);
    const report = await check(ground, server, { limit: 3, ...faults });
    assert.deepEqual(strikes, [], "each fault struck");
    assert.deepEqual(linesOf(report), [`user ${server.instance.world.users[7]!.id} extra`]);
    assert.ok(report.retries >= 2 * PASSING.filter(({ kind }) => kind !== "slow").length);
  });

  for (const [fault, word] of LASTING) {
    await step(`and lasts, is "could not tell": ${JSON.stringify(fault)}`, async () => {
      await using server = await synced(ground);
      server.instance.deleteUser("user_linus");
      server.instance.changeUser("user_ada", { username: "ada" });
      server.faults.always(fault, (path) => path === "/v1/organization_memberships");
      const here = await livingIds(ground);
      for (const how of [check, repair]) {
        const report = await how(ground, server, { timeoutMs: timeoutFor(fault) });
        assert.deepEqual([report.outcome, report.exit_code, report.error], [
          "could_not_tell",
          2,
          word,
        ]);
        assert.match(report.message!, / At memberships\.$/);
        assert.equal(report.users?.extra, 1, "what was found until then is told");
        assert.deepEqual(await livingIds(ground), here, "and nothing is deleted");
      }
    });
  }

  await step("so is a membership that does not say whose it is", async () => {
    await using server = await synced(ground);
    server.instance.changeMembership("orgmem_navy", { public_user_data: null } as never);
    const report = await repair(ground, server);
    assert.deepEqual([report.exit_code, report.error], [2, "clerk_invalid_answer"]);
  });
});

groundTest("drift: what PostgreSQL can't store", async (ground, step) => {
  await step("is left, is named with its code, and hides nothing else", async () => {
    await using server = await synced(ground);
    server.instance.addOrganization({ id: "org_big", slug: slugTooLong() });
    for (let index = 0; index < 12; index++) server.instance.addOrganization();
    const report = await repair(ground, server, { limit: 50 });
    assert.deepEqual([report.exit_code, report.organizations?.repaired], [1, 12]);
    const left = report.differences.filter(({ is_repaired }) => !is_repaired);
    assert.deepEqual(left.map(({ id, kind, code }) => [id, kind, code]), [
      ["org_big", "missing", "54000"],
    ]);
  });

  await step("nor end, for a trigger of the app's, is so too", async () => {
    await using server = await synced(ground);
    await ground.sql.unsafe(`
      create function public.app_keeps() returns trigger language plpgsql as $$ begin raise 'never'; end $$;
      create trigger app_keeps before update on public.users for each row
        when (new.external_id = 'user_ada' and new.deleted_at is not null) execute function public.app_keeps();
    `);
    for (const id of ["user_ada", "user_grace"]) server.instance.deleteUser(id);
    const report = await repair(ground, server);
    await ground.sql.unsafe("drop function public.app_keeps() cascade");
    const users = report.differences.filter(({ object }) => object === "user");
    assert.deepEqual(users.map(({ id, is_repaired, code }) => [id, is_repaired, code]).sort(), [
      ["user_ada", false, "P0001"],
      ["user_grace", true, null],
    ]);
    assert.equal(report.exit_code, 1);
  });

  await step("nor compare, is so too: a membership whose id is another pair's", async () => {
    await using server = await synced(ground);
    server.instance.removeMembership("orgmem_navy");
    server.instance.addMembership("org_navy", "user_linus", "org:member", { id: "orgmem_navy" });
    server.instance.changeMembership("orgmem_engines", { role: "org:admin" });
    const report = await repair(ground, server);
    assert.deepEqual(linesOf(report), [
      "membership orgmem_engines stale role,clerk_role repaired",
      "membership orgmem_navy different",
      "membership orgmem_navy extra repaired",
    ]);
    assert.equal(report.exit_code, 1);
  });
});
