import assert from "node:assert/strict";
import type { Conclusion } from "../../scripts/backfill/conduct.ts";
import { earlyEndOf } from "../../scripts/clerk/ending.ts";
import { timeoutFor } from "../clerk_api/faults.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { groundTest, runBackfill, synced } from "./ground.ts";
import { countsOf, differencesTo, traceOf } from "./tables.ts";
import { crowd, LASTING, slugTooLong, smallWorld, striking } from "./worlds.ts";

function whyOf({ end }: Conclusion): { word: string; message: string } {
  assert.equal(end.kind, "failed");
  const { error, at } = end as Conclusion["end"] & { kind: "failed" };
  const early = earlyEndOf(error, { project: "here" });
  assert.ok(early, String(error));
  return { word: early.word, message: `${early.message} At ${at}.` };
}

groundTest("backfill: what goes wrong at Clerk", async (ground, step) => {
  await step("and passes, leaves no trace in the tables", async () => {
    const instance = crowd(40);
    await using server = startClerkApi({ instance });
    const { strikes, ...faults } = striking(server);
    const { end } = await runBackfill(ground, server, { limit: 3, ...faults });
    assert.deepEqual(strikes, [], "each fault struck, in the middle of lists");
    assert.deepEqual(end, { kind: "complete" });
    assert.deepEqual(await differencesTo(instance.world, ground), []);
  });

  await step("and lasts, ends the run with a word of its own and nothing written", async () => {
    for (const [fault, word] of LASTING) {
      await using server = startClerkApi({ instance: smallWorld() });
      server.faults.always(fault);
      const conclusion = await runBackfill(ground, server, { timeoutMs: timeoutFor(fault) });
      assert.equal(whyOf(conclusion).word, word, fault.kind);
      assert.deepEqual(await traceOf(ground), [], fault.kind);
    }
  });

  await step("in the middle, names the page, behind which the next run goes on", async () => {
    const instance = crowd(40);
    await using server = startClerkApi({ instance });
    const isLater = (path: string, query: URLSearchParams) =>
      path === "/v1/organization_memberships" && Number(query.get("offset")) >= 4;
    server.faults.always({ kind: "server_error", status: 500 }, isLater);
    const first = await runBackfill(ground, server, { limit: 5 });
    assert.match(whyOf(first).message, /At memberships, the page after row 5, orgmem_\w+\.$/);
    server.faults.clear();
    const second = await runBackfill(ground, server, { limit: 5 });
    assert.deepEqual([second.end.kind, second.isResumed], ["complete", true]);
    assert.deepEqual(await differencesTo(instance.world, ground), []);
  });

  await step("an object that is not what Clerk sends is named by page and place", async () => {
    const instance = smallWorld();
    instance.changeUser("user_grace", { username: 5 as never });
    await using server = startClerkApi({ instance });
    const { word, message } = whyOf(await runBackfill(ground, server));
    assert.equal(word, "clerk_invalid_answer");
    assert.match(message, / \(username\)\. At users, the first page\.$/);
  });
});

groundTest("backfill: what PostgreSQL can't store", async (ground, step) => {
  await step("is named and counted, and hides nothing else", async () => {
    const instance = smallWorld();
    const big = instance.addOrganization({ slug: slugTooLong() });
    for (let index = 0; index < 7; index++) instance.addOrganization();
    await using server = startClerkApi({ instance });
    const { end, state } = await runBackfill(ground, server);
    assert.equal(end.kind, "complete");
    assert.deepEqual(state.rejections, [{ kind: "organizations", id: big, code: "54000" }]);
    assert.deepEqual(countsOf(state)[1], "10/9/0");
    assert.equal(state.organizations.rejected, 1);
    const ids = await ground.sql`select external_id from public.organizations`;
    assert.deepEqual(
      ids.map(({ external_id }) => external_id).sort(),
      instance.world.organizations.map(({ id }) => id).filter((id) => id !== big).sort(),
    );
  });

  const RULES = [
    {
      what: "a trigger",
      make: `
        create function public.app_refuses() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
        create trigger app_refuses before insert or update on public.users for each row
          when (new.external_id = 'user_grace') execute function public.app_refuses();
      `,
      drop: "drop function public.app_refuses() cascade",
      code: "P0001",
    },
    {
      what: "a unique index",
      make: "create unique index app_refuses on public.users (username)",
      drop: "drop index public.app_refuses",
      code: "23505",
    },
  ];
  for (const { what, make, drop, code } of RULES) {
    await step(`${what} of the app's that refuses one object hides nothing else`, async () => {
      const instance = smallWorld();
      for (const id of ["user_ada", "user_grace"]) instance.changeUser(id, { username: "taken" });
      await using server = startClerkApi({ instance });
      await ground.sql.unsafe(make);
      const { end, state } = await runBackfill(ground, server);
      await ground.sql.unsafe(drop);
      assert.equal(end.kind, "complete");
      const refused = state.rejections.filter(({ kind }) => kind === "users");
      assert.deepEqual(refused, [{ kind: "users", id: "user_grace", code }]);
      const [row] = await ground.sql`
        select count(*)::int as users from public.users where external_id = 'user_ada'
      `;
      assert.equal(row?.users, 1);
    });
  }

  await step("a membership whose id is known as another pair's is one of those", async () => {
    await using server = await synced(ground);
    server.instance.removeMembership("orgmem_navy");
    server.instance.addMembership("org_navy", "user_linus", "org:member", { id: "orgmem_navy" });
    const { end, state } = await runBackfill(ground, server);
    const rejection = { kind: "memberships", id: "orgmem_navy", code: "22023" };
    assert.deepEqual([end.kind, state.rejections], ["complete", [rejection]]);
  });
});
