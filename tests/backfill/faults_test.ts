import assert from "node:assert/strict";
import type { Conclusion } from "../../scripts/backfill/conduct.ts";
import { earlyEndOf } from "../../scripts/clerk/ending.ts";
import { type Fault, timeoutFor } from "../clerk_api/faults.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import type { World } from "../../scripts/converge/clerk/world.ts";
import { readTables } from "../../scripts/converge/judge.ts";
import { differences } from "../../scripts/converge/rules/tables.ts";
import { type Ground, groundTest, runBackfill, synced } from "./ground.ts";
import { countsOf, tablesOf } from "./tables.ts";
import { crowd } from "./worlds.ts";

const PASSING: Fault[] = [
  { kind: "rate_limited", retryAfterSeconds: null },
  { kind: "rate_limited", retryAfterSeconds: 0 },
  { kind: "server_error", status: 500 },
  { kind: "server_error", status: 502 },
  { kind: "slow", ms: 30 },
  { kind: "hang" },
  { kind: "cut_off" },
  { kind: "html" },
  { kind: "broken_json" },
  { kind: "other_json", body: { data: null } },
  { kind: "foreign_error", status: 404 },
];

/** Two users, an organization of the first one, and the second one in it. */
function smallInstance() {
  const instance = new WorldInstance();
  const [ada, grace] = [instance.addUser(), instance.addUser()];
  const organization = instance.addOrganization({ created_by: ada });
  instance.addMembership(organization, grace);
  return { instance, ada, grace, organization };
}

async function differencesTo(world: World, { sql }: Ground): Promise<string[]> {
  return differences(tablesOf(world), await readTables(sql, world));
}

async function isUntouched({ sql }: Ground): Promise<boolean> {
  const [row] = await sql`
    select
      not exists (select from public.users)
      and not exists (select from public.organizations)
      and not exists (select from clerk_sync.instance)
      and not exists (select from clerk_sync.runs) as is_untouched
  `;
  return row?.is_untouched;
}

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
    const faults = [...PASSING, ...PASSING].values();
    const onPage = () => {
      const { value: fault } = faults.next();
      if (fault) server.faults.next(1, fault);
    };
    const { end } = await runBackfill(ground, server, { limit: 3, timeoutMs: 1_000, onPage });
    assert.equal(faults.next().done, true, "each fault struck, in the middle of lists");
    assert.deepEqual(end, { kind: "complete" });
    assert.deepEqual(await differencesTo(instance.world, ground), []);
  });

  await step("and lasts, ends the run with a word of its own and nothing written", async () => {
    const lasting: [Fault, string][] = [
      [{ kind: "server_error", status: 503 }, "clerk_unavailable"],
      [{ kind: "hang" }, "clerk_unavailable"],
      [{ kind: "rate_limited", retryAfterSeconds: null }, "clerk_rate_limited"],
      [{ kind: "html" }, "clerk_invalid_answer"],
      [{ kind: "broken_json" }, "clerk_invalid_answer"],
      [{ kind: "other_json", body: [] }, "clerk_invalid_answer"],
      [{ kind: "foreign_error", status: 404 }, "clerk_invalid_answer"],
    ];
    for (const [fault, word] of lasting) {
      await using server = startClerkApi({ instance: smallInstance().instance });
      server.faults.always(fault);
      const conclusion = await runBackfill(ground, server, { timeoutMs: timeoutFor(fault) });
      assert.equal(whyOf(conclusion).word, word, fault.kind);
      assert.ok(await isUntouched(ground), fault.kind);
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
    const { instance, grace } = smallInstance();
    instance.changeUser(grace, { username: 5 as never });
    await using server = startClerkApi({ instance });
    const { word, message } = whyOf(await runBackfill(ground, server));
    assert.equal(word, "clerk_invalid_answer");
    assert.match(message, / \(username\)\. At users, the first page\.$/);
  });
});

groundTest("backfill: what PostgreSQL can't store", async (ground, step) => {
  await step("is named and counted, and hides nothing else", async () => {
    const { instance, organization } = smallInstance();
    // More than an index takes, and nothing that compresses.
    const letters = Array.from({ length: 400 }, () => crypto.randomUUID()).join("");
    const big = instance.addOrganization({ slug: letters });
    for (let index = 0; index < 7; index++) instance.addOrganization();
    await using server = startClerkApi({ instance });
    const { end, state } = await runBackfill(ground, server);
    assert.equal(end.kind, "complete");
    assert.deepEqual(state.rejections, [{ kind: "organizations", id: big, code: "54000" }]);
    assert.deepEqual(countsOf(state)[1], "9/8/0");
    assert.equal(state.organizations.rejected, 1);
    const ids = await ground.sql`select external_id from public.organizations`;
    assert.deepEqual(
      ids.map(({ external_id }) => external_id).sort(),
      instance.world.organizations.map(({ id }) => id).filter((id) => id !== big).sort(),
    );
    assert.ok(ids.some(({ external_id }) => external_id === organization));
  });

  const RULES = [
    {
      what: "a trigger",
      make: (user: string) => `
        create function public.app_refuses() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
        create trigger app_refuses before insert or update on public.users for each row
          when (new.external_id = '${user}') execute function public.app_refuses();
      `,
      drop: "drop function public.app_refuses() cascade",
      code: "P0001",
    },
    {
      what: "a unique index",
      make: () => "create unique index app_refuses on public.users (username)",
      drop: "drop index public.app_refuses",
      code: "23505",
    },
  ];
  for (const { what, make, drop, code } of RULES) {
    await step(`${what} of the app's that refuses one object hides nothing else`, async () => {
      const { instance, ada, grace } = smallInstance();
      for (const user of [ada, grace]) instance.changeUser(user, { username: "taken" });
      await using server = startClerkApi({ instance });
      await ground.sql.unsafe(make(grace));
      const { end, state } = await runBackfill(ground, server);
      await ground.sql.unsafe(drop);
      assert.equal(end.kind, "complete");
      const refused = state.rejections.filter(({ kind }) => kind === "users");
      assert.deepEqual(refused, [{ kind: "users", id: grace, code }]);
      const [row] = await ground.sql`
        select count(*)::int as users from public.users where external_id = ${ada}
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
