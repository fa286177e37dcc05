import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { createSessionTokens, createSigningKey } from "../../scripts/token/session_tokens.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { stackEnv } from "../support/stack_env.ts";
import { databaseTest } from "./support.ts";
import { answerOf, rowsOf, startSync, TOKENS } from "./sync_support.ts";
import { addSmallWorld } from "./sync_world.ts";

/** Everything that a sync may write, counted, and the newest transaction that wrote it. */
async function everything(sql: Sql): Promise<unknown> {
  const tables = [
    "public.users",
    "public.organizations",
    "public.organization_members",
    "clerk_sync.user_register",
    "clerk_sync.organization_register",
    "clerk_sync.membership_register",
    "clerk_sync.events",
    "clerk_sync.instance",
  ];
  const rows = await sql.unsafe(
    tables.map((table) =>
      `select '${table}' as name, count(*)::int, max(xmin::text::bigint)::text from ${table}`
    ).join(" union all "),
  );
  return rows.map((row) => ({ ...row }));
}

databaseTest("no bad input writes anything, and each has its own word", async (sql) => {
  await using sync = await startSync(sql);
  const { user, other } = addSmallWorld(sync.instance);
  const foreign = await createSessionTokens({
    issuer: TOKENS.issuer,
    key: await createSigningKey(),
    kid: "ins_foreign",
  });
  const token = await TOKENS.sign({ sub: user });
  const bearer = (one: string) => ({ authorization: `Bearer ${one}` });
  const own = JSON.stringify({ clerkUserId: user });
  const bad: [string, Record<string, string>, string][] = [
    ["401 missing_token", {}, own],
    ["401 missing_token", { apikey: stackEnv().PUBLISHABLE_KEY }, own],
    ["401 invalid_key", { apikey: `${stackEnv().SECRET_KEY}x` }, own],
    ["401 expired_token", bearer(await TOKENS.sign({ sub: user, expiresIn: -10 })), own],
    ["401 wrong_instance", bearer(await foreign.sign({ sub: user })), own],
    ["401 pending_session", bearer(await TOKENS.sign({ sub: user, sts: "pending" })), own],
    ["401 invalid_token", bearer("nonsense"), own],
    ["403 forbidden", bearer(token), JSON.stringify({ clerkUserId: other })],
    ["400 invalid_id", bearer(token), '{"clerkUserId":"user_1; drop table users"}'],
    ["400 invalid_request", bearer(token), "{"],
    ["413 too_large", bearer(token), " ".repeat(20_000)],
  ];
  const before = await everything(sql);
  for (const [expected, headers, body] of bad) {
    const { said } = await answerOf(await fetch(sync.url, { method: "POST", headers, body }));
    assert.equal(said, expected);
  }
  assert.deepEqual(await everything(sql), before);
});

databaseTest(
  "while Clerk is down, slow or wrong nothing is written, and afterwards all is well",
  async (sql) => {
    await using sync = await startSync(sql);
    const { user } = addSmallWorld(sync.instance);
    const as = { sub: user };
    const before = await everything(sql);
    const faults = [
      [{ kind: "server_error", status: 503 }, "503 clerk_unavailable"],
      [{ kind: "cut_off" }, "503 clerk_unavailable"],
      [{ kind: "rate_limited", retryAfterSeconds: 3 }, "503 clerk_rate_limited"],
      [{ kind: "html" }, "502 clerk_invalid_answer"],
      [{ kind: "other_json", body: [] }, "502 clerk_invalid_answer"],
    ] as const;
    for (const [fault, expected] of faults) {
      sync.clerk.faults.next(1, fault, (path) => path.endsWith("/organization_memberships"));
      assert.equal((await sync.ask({ as })).said, expected);
    }
    assert.deepEqual(await everything(sql), before);
    assert.equal((await sync.ask({ as })).said, "200 applied");
  },
);

databaseTest(
  "a key of another instance than the project's writes and deletes nothing",
  async (sql) => {
    await using ours = await startSync(sql);
    const { user } = addSmallWorld(ours.instance);
    await ours.ask({ as: { sub: user } });
    const rows = await rowsOf(sql, [user]);

    await using theirs = await startSync(sql, {
      instance: new WorldInstance(undefined, { id: "ins_theirs" }),
    });
    const asked = { as: null, body: { clerkUserId: user } };
    assert.equal((await theirs.ask(asked)).said, "500 misconfigured");
    assert.equal((await theirs.ask({ ...asked, method: "GET" })).said, "500 misconfigured");
    assert.deepEqual(await rowsOf(sql, [user]), rows);
  },
);

databaseTest("the first sync binds a project that has no instance yet", async (sql) => {
  await using sync = await startSync(sql);
  const { user } = addSmallWorld(sync.instance);
  await sql`delete from clerk_sync.instance`;
  const asked = { as: { sub: user } };
  const bound = async () => (await sql`select public.bound_instance() as id`)[0]?.id;
  await sync.ask({ ...asked, method: "GET" });
  assert.equal(await bound(), null);
  await sync.ask(asked);
  assert.equal(await bound(), sync.clerk.instanceId);
});

databaseTest("the process logs no token, no key and nothing of a person", async (sql) => {
  await using sync = await startSync(sql, { env: { LOG_LEVEL: "debug" } });
  const { user, other } = addSmallWorld(sync.instance);
  sync.instance.changeUser(user, { first_name: "Ada", last_name: "Lovelace" });
  await sync.ask({ as: { sub: user } });
  await sync.ask({ as: { sub: user }, body: { clerkUserId: other } });
  await sync.ask({ as: { sub: user, expiresIn: -60 } });
  await sync.ask({ as: null, body: { clerkUserId: other } });
  sync.clerk.faults.always({ kind: "html" });
  await sync.ask({ as: null, body: { clerkUserId: user } });
  const lines = await sync.stop();
  assert.equal(lines.filter((line) => JSON.parse(line).message === "sync").length, 5);
  assert.doesNotMatch(lines.join("\n"), /eyJ|@|Ada|Lovelace|sb_|sk_test|Engines|Looms/);
});
