import { createClient, FunctionsHttpError } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { proxy } from "../../scripts/stack/proxy.ts";
import { stackEnv } from "../support/stack_env.ts";
import { databaseTest } from "../support/stack.ts";
import { seenOf, syncTest as test } from "../support/sync_function.ts";
import { TOKENS } from "../support/sync_endpoint.ts";

test("an admin syncs the organization and its members, and nothing else of them", async ({ sql, ids, ask }) => {
  for (const version of [1, 2] as const) {
    const as = { sub: ids.other, orgId: ids.second, orgRole: "org:admin", version };
    const { said } = await ask({ as, body: { clerkOrganizationId: ids.second } });
    assert.equal(said, version === 1 ? "200 applied" : "200 in_sync");
  }
  assert.deepEqual(await seenOf(sql, Object.values(ids)), [
    `${ids.second}: Looms`,
    `${ids.user}: ${ids.user}@example.com`,
    `${ids.user} in ${ids.second}: member active`,
    `${ids.other}: ${ids.other}@example.com`,
    `${ids.other} in ${ids.second}: owner active`,
  ]);
});

test("an admin syncs a member alone, and sees who left", async ({ sync, ids, ask }) => {
  const as = { sub: ids.other, orgId: ids.second, orgRole: "org:admin" };
  assert.equal((await ask({ as, body: { clerkUserId: ids.user } })).said, "200 applied");
  sync.instance.removeMembership(ids.membership);
  assert.equal((await ask({ as, body: { clerkUserId: ids.user } })).said, "403 forbidden");
  const both = { clerkUserId: ids.user, clerkOrganizationId: ids.second };
  assert.deepEqual(await ask({ as, body: both }), {
    said: "200 applied",
    differences: [{ object: "membership", clerkId: ids.membership, kind: "extra", fields: [] }],
  });
});

test("an organization of 1,000 members, the most, comes whole", async ({ sql, sync, ids, ask }) => {
  const tag = ids.user.slice("user_a".length);
  for (let index = 0; index < 998; index++) {
    sync.instance.addUser({ id: `user_m${index}x${tag}` });
    const id = `orgmem_m${index}x${tag}`;
    sync.instance.addMembership(ids.second, `user_m${index}x${tag}`, "org:member", { id });
  }
  const asked = { as: null, body: { clerkOrganizationId: ids.second } };
  assert.equal((await ask(asked)).said, "200 applied");
  const [row] = await sql`
    select count(*)::int from public.organization_members m
    join public.organizations o on o.id = m.organization_id
    where o.external_id = ${ids.second} and m.status = 'active'
  `;
  assert.equal(row?.count, 1_000);
  assert.equal((await ask({ ...asked, method: "GET" })).said, "200 true");
});

test("an app calls it by supabase-js, with Clerk's token", async ({ sync, ids }) => {
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
});

databaseTest(
  "the stack serves the function, which says that CLERK_SECRET_KEY is missing",
  async () => {
    const url = `${stackEnv().API_URL}/functions/v1/sync-from-clerk`;
    const response = await fetch(url, { method: "POST", body: "{}" });
    assert.deepEqual([response.status, await response.json()], [500, { error: "misconfigured" }]);
  },
);

test("the first sync binds a project that has no instance yet", async ({ sql, sync, as, ask }) => {
  await sql`delete from clerk_sync.instance`;
  const asked = { as };
  const bound = async () => (await sql`select public.sync_bound_instance() as id`)[0]?.id;
  await ask({ ...asked, method: "GET" });
  assert.equal(await bound(), null);
  await ask(asked);
  assert.equal(await bound(), sync.clerk.instanceId);
});
