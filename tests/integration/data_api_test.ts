import assert from "node:assert/strict";
import { stackEnv } from "../support/stack_env.ts";
import { dataApi, databaseTest, newEventId } from "./support.ts";

databaseTest("an RPC can be called by hand with supabase-js", async (sql) => {
  const id = `user_${newEventId()}`;
  const { data, error } = await dataApi("SECRET_KEY").rpc("upsert_user", {
    p_external_id: id,
    p_email: "grace@example.com",
    p_full_name: "Grace Hopper",
    p_public_metadata: { rank: "admiral" },
  });
  assert.equal(error, null);
  assert.equal(data, "applied");
  const [row] = await sql`
    select email, full_name, public_metadata from public.users where external_id = ${id}
  `;
  assert.deepEqual({ ...row }, {
    email: "grace@example.com",
    full_name: "Grace Hopper",
    public_metadata: { rank: "admiral" },
  });
});

databaseTest("an RPC can be called by hand as curl does", async () => {
  const { API_URL, SECRET_KEY } = stackEnv();
  const response = await fetch(`${API_URL}/rest/v1/rpc/upsert_org_with_owner`, {
    method: "POST",
    headers: { apikey: SECRET_KEY, "content-type": "application/json" },
    body: JSON.stringify({ p_external_id: `org_${newEventId()}`, p_name: "By hand" }),
  });
  assert.equal(response.status, 200);
  assert.equal(await response.json(), "applied");
});

databaseTest("an RPC tells its error by code", async () => {
  const { error } = await dataApi("SECRET_KEY").rpc("upsert_user", { p_external_id: "" });
  assert.equal(error?.code, "23514");
});

for (
  const [name, json] of [
    ["a text", String.raw`{"p_external_id":"user_1","p_full_name":"A\ud800da"}`],
    ["a key", String.raw`{"p_external_id":"user_1","p_public_metadata":{"a\udc00":1}}`],
    ["a page", String.raw`{"p_users":[{"p_external_id":"user_1","p_email":"\uDFFF"}]}`],
  ] as const
) {
  databaseTest(`half a surrogate pair in ${name} is no JSON`, async () => {
    const { API_URL, SECRET_KEY } = stackEnv();
    const rpc = name === "a page" ? "upsert_users" : "upsert_user";
    const response = await fetch(`${API_URL}/rest/v1/rpc/${rpc}`, {
      method: "POST",
      headers: { apikey: SECRET_KEY, "content-type": "application/json" },
      body: json,
    });
    assert.deepEqual([response.status, await response.json()], [400, {
      code: "PGRST102",
      details: null,
      hint: null,
      message: "Empty or invalid json",
    }]);
  });
}

databaseTest("a whole pair is, and so is a backslash before ud800", async (sql) => {
  const id = `user_${newEventId()}`;
  const { API_URL, SECRET_KEY } = stackEnv();
  const response = await fetch(`${API_URL}/rest/v1/rpc/upsert_user`, {
    method: "POST",
    headers: { apikey: SECRET_KEY, "content-type": "application/json" },
    body: String.raw`{"p_external_id":"${id}","p_full_name":"\ud83d\ude00 \\ud800"}`,
  });
  assert.equal(response.status, 200);
  const [row] = await sql`select full_name from public.users where external_id = ${id}`;
  assert.equal(row?.full_name, String.raw`😀 \ud800`);
});

databaseTest("the publishable key may call no RPC and read no table", async () => {
  const client = dataApi("PUBLISHABLE_KEY");
  const call = await client.rpc("upsert_user", { p_external_id: `user_${newEventId()}` });
  assert.equal(call.error?.code, "42501");
  for (
    const table of ["users", "organizations", "organization_members", "user_sessions"] as const
  ) {
    const read = await client.from(table).select("*");
    assert.equal(read.error?.code, "42501", table);
  }
});

databaseTest("the private schema is not exposed, even to the secret key", async () => {
  // Nor is it in the types.
  const client = dataApi("SECRET_KEY").schema("clerk_sync" as "public");
  const { error } = await client.from("events" as "users").select("*");
  assert.equal(error?.code, "PGRST106");
});
