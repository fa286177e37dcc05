import { createClient, FunctionsHttpError } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { proxy } from "../../scripts/stack/proxy.ts";
import { stackEnv } from "../support/stack_env.ts";
import { databaseTest } from "./support.ts";
import { rowsOf, seenOf, startSync, TOKENS } from "./sync_support.ts";
import { addSmallWorld } from "./sync_world.ts";

databaseTest(
  "an admin syncs the organization and its members, and nothing else of them",
  async (sql) => {
    await using sync = await startSync(sql);
    const ids = addSmallWorld(sync.instance);
    for (const version of [1, 2] as const) {
      const as = { sub: ids.other, orgId: ids.second, orgRole: "org:admin", version };
      const { said } = await sync.ask({ as, body: { clerkOrganizationId: ids.second } });
      assert.equal(said, version === 1 ? "200 applied" : "200 in_sync");
    }
    assert.deepEqual(await seenOf(sql, Object.values(ids)), [
      `${ids.second}: Looms`,
      `${ids.user}: ${ids.user}@example.com`,
      `${ids.user} in ${ids.second}: member active`,
      `${ids.other}: ${ids.other}@example.com`,
      `${ids.other} in ${ids.second}: owner active`,
    ]);
  },
);

databaseTest("an admin syncs a member alone, and sees who left", async (sql) => {
  await using sync = await startSync(sql);
  const ids = addSmallWorld(sync.instance);
  const as = { sub: ids.other, orgId: ids.second, orgRole: "org:admin" };
  assert.equal((await sync.ask({ as, body: { clerkUserId: ids.user } })).said, "200 applied");
  sync.instance.removeMembership(ids.membership);
  assert.equal((await sync.ask({ as, body: { clerkUserId: ids.user } })).said, "403 forbidden");
  const both = { clerkUserId: ids.user, clerkOrganizationId: ids.second };
  assert.deepEqual(await sync.ask({ as, body: both }), {
    said: "200 applied",
    differences: [{ object: "membership", clerkId: ids.membership, kind: "extra", fields: [] }],
  });
});

databaseTest("who is an admin no more is refused, and nothing is written", async (sql) => {
  await using sync = await startSync(sql);
  const ids = addSmallWorld(sync.instance);
  sync.instance.changeMembership(`orgmem_${ids.second.slice(4)}`, { role: "org:member" });
  const as = { sub: ids.other, orgId: ids.second, orgRole: "org:admin" };
  for (const method of ["GET", "POST"] as const) {
    const { said } = await sync.ask({ as, method, body: { clerkOrganizationId: ids.second } });
    assert.equal(said, "403 forbidden");
  }
  assert.deepEqual(await rowsOf(sql, Object.values(ids)), []);
});

databaseTest(
  "the secret key syncs anyone and any organization, and deletes what is gone",
  async (sql) => {
    await using sync = await startSync(sql);
    const ids = addSmallWorld(sync.instance);
    const ask = (body: Record<string, string>) => sync.ask({ as: null, body });
    assert.equal((await ask({ clerkUserId: ids.user })).said, "200 applied");
    assert.equal((await ask({ clerkOrganizationId: ids.org })).said, "200 in_sync");
    sync.instance.deleteOrganization(ids.org);
    assert.equal((await ask({ clerkOrganizationId: ids.org })).said, "200 deleted");
    assert.equal((await ask({ clerkOrganizationId: ids.org })).said, "200 in_sync");
    assert.ok((await seenOf(sql, [ids.org])).includes(`${ids.org}: Engines, deleted`));
  },
);

databaseTest("an organization of 1,000 members, the most, comes whole", async (sql) => {
  await using sync = await startSync(sql);
  const ids = addSmallWorld(sync.instance);
  const tag = ids.user.slice("user_a".length);
  for (let index = 0; index < 998; index++) {
    sync.instance.addUser({ id: `user_m${index}x${tag}` });
    const id = `orgmem_m${index}x${tag}`;
    sync.instance.addMembership(ids.second, `user_m${index}x${tag}`, "org:member", { id });
  }
  const asked = { as: null, body: { clerkOrganizationId: ids.second } };
  assert.equal((await sync.ask(asked)).said, "200 applied");
  const [row] = await sql`
    select count(*)::int from public.organization_members m
    join public.organizations o on o.id = m.organization_id
    where o.external_id = ${ids.second} and m.status = 'active'
  `;
  assert.equal(row?.count, 1_000);
  assert.equal((await sync.ask({ ...asked, method: "GET" })).said, "200 true");
});

databaseTest(
  "an app calls it by supabase-js, with its publishable key and Clerk's token",
  async (sql) => {
    await using sync = await startSync(sql);
    const ids = addSmallWorld(sync.instance);
    await using gateway = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => proxy(request, sync.url.replace(/\/$/, ""), "127.0.0.1"),
    );
    const url = `http://127.0.0.1:${gateway.addr.port}`;
    const accessToken = () => TOKENS.sign({ sub: ids.user });
    const app = createClient(url, stackEnv().PUBLISHABLE_KEY, { accessToken });

    const body = { clerkUserId: ids.user };
    const first = await app.functions.invoke("sync-from-clerk", { body });
    assert.equal(first.data.outcome, "applied");
    const second = await app.functions.invoke("sync-from-clerk");
    assert.deepEqual(second.data, { outcome: "in_sync", differences: [] });
    const query = new URLSearchParams(body);
    const check = await app.functions.invoke(`sync-from-clerk?${query}`, { method: "GET" });
    assert.deepEqual(check.data, { inSync: true, differences: [] });

    const signedOut = createClient(url, stackEnv().PUBLISHABLE_KEY, {
      auth: { persistSession: false },
    });
    const { error } = await signedOut.functions.invoke("sync-from-clerk", { body });
    assert.ok(error instanceof FunctionsHttpError);
    assert.deepEqual(await error.context.json(), { error: "missing_token" });
  },
);

databaseTest(
  "the stack serves the function, which says that CLERK_SECRET_KEY is missing",
  async () => {
    const url = `${stackEnv().API_URL}/functions/v1/sync-from-clerk`;
    const response = await fetch(url, { method: "POST", body: "{}" });
    assert.deepEqual([response.status, await response.json()], [500, { error: "misconfigured" }]);
  },
);
