import assert from "node:assert/strict";
import { stackEnv } from "../support/stack_env.ts";
import { dataApi, databaseTest, newEventId } from "../support/stack.ts";

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

databaseTest("numbers in JSON go in and come out by their digits", async () => {
  const { API_URL, SECRET_KEY } = stackEnv();
  const headers = { apikey: SECRET_KEY, "content-type": "application/json" };
  const id = `user_${newEventId()}`;
  const url = `${API_URL}/rest/v1`;
  const body =
    `{"p_external_id":"${id}","p_public_metadata":{"a":[12345678901234567891,0.12345678901234567890]}}`;
  const written = await fetch(`${url}/rpc/upsert_user`, { method: "POST", headers, body });
  assert.equal(await written.json(), "applied");
  const read = await fetch(`${url}/users?select=public_metadata&external_id=eq.${id}`, { headers });
  assert.equal(
    await read.text(),
    '[{"public_metadata":{"a":[12345678901234567891,0.12345678901234567890]}}]',
  );
});

databaseTest("a number that fits no parameter is refused by its code", async () => {
  const { API_URL, SECRET_KEY } = stackEnv();
  const response = await fetch(`${API_URL}/rest/v1/rpc/list_users`, {
    method: "POST",
    headers: { apikey: SECRET_KEY, "content-type": "application/json" },
    body: '{"p_limit":12345678901234567891}',
  });
  assert.equal((await response.json()).code, "22003");
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
  const tables = ["users", "public_user_data", "organizations", "organization_members"] as const;
  for (const table of [...tables, "user_sessions"] as const) {
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

for (const key of ["SECRET_KEY", "PUBLISHABLE_KEY"] as const) {
  Deno.test(`an update or a delete without a filter is refused before anything is looked at, with the ${key}`, async () => {
    const { API_URL, [key]: apikey } = stackEnv();
    for (const [method, command] of [["PATCH", "UPDATE"], ["DELETE", "DELETE"]] as const) {
      const response = await fetch(`${API_URL}/rest/v1/organizations?select=id&limit=1`, {
        method,
        headers: { apikey, "content-type": "application/json" },
        body: JSON.stringify({ plan: "pro" }),
      });
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), {
        code: "21000",
        message: `${command} requires a WHERE clause`,
        details: null,
        hint: null,
      });
    }
  });
}

const UNRELATED: [parent: string, child: string, path: string][] = [
  ["users", "organizations", "users?select=organizations(name)"],
  ["users", "organizations", "users?select=id,theirs:organizations!inner(name)"],
  ["users", "organizations", "users?select=...organizations(name)"],
  ["user_sessions", "users", "user_sessions?select=users(full_name)"],
  [
    "users",
    "organizations",
    "organization_members?select=users(full_name,organizations(name))",
  ],
  [
    "my_organizations",
    "organization_members",
    "rpc/my_organizations?select=organization_members(role)",
  ],
];
for (const [parent, child, path] of UNRELATED) {
  Deno.test(`PostgREST knows no way from ${parent} to ${child}: ${path}`, async () => {
    const { API_URL, SECRET_KEY } = stackEnv();
    const response = await fetch(`${API_URL}/rest/v1/${path}`, { headers: { apikey: SECRET_KEY } });
    assert.equal(response.status, 400);
    const { code, message, details } = await response.json();
    assert.equal(code, "PGRST200");
    assert.equal(
      message,
      `Could not find a relationship between '${parent}' and '${child}' in the schema cache`,
    );
    assert.match(details, new RegExp(`between '${parent}' and '${child}' in the schema 'public'`));
  });
}

for (
  const path of [
    "users?select=id,organization_members(role,organizations(name))",
    "organizations?select=name,members:organization_members(role,users(full_name))",
    "organizations?select=name,organization_members(role,public_user_data(full_name,avatar_url))",
    "organization_members?select=role,organization_id(name),users!organization_members_user_exists(id)",
  ]
) {
  Deno.test(`a foreign key is a way: ${path}`, async () => {
    const { API_URL, SECRET_KEY } = stackEnv();
    const response = await fetch(`${API_URL}/rest/v1/${path}&limit=1`, {
      headers: { apikey: SECRET_KEY },
    });
    assert.equal(response.status, 200, await response.text());
  });
}

databaseTest(
  "a day of the chart comes whole, though it is longer than the Data API's lists",
  async (sql) => {
    const type = `chart.${newEventId()}`;
    await sql`
    insert into clerk_sync.event_counts (width, bucket_at, event_type, outcome, events)
    select 'minute', date_trunc('minute', now() - make_interval(mins => m)), ${type}, 'ignored', 1000000000
    from generate_series(2, 1300) m`;
    try {
      const { data } = await dataApi("SECRET_KEY").rpc("event_series", { p_minutes: 1440 });
      const series = data as { minute_at: string; outcome: string; events: number }[];
      const [newest] = await sql`
      select max(bucket_at) as at from clerk_sync.event_counts where event_type = ${type}`;
      const minutes = series.filter(({ events }) => events >= 1_000_000_000);
      assert.equal(minutes.length, 1299);
      assert.equal(new Date(minutes.at(-1)!.minute_at).getTime(), newest?.at.getTime());
    } finally {
      await sql`delete from clerk_sync.event_counts where event_type = ${type}`;
    }
  },
);
