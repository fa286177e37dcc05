import assert from "node:assert/strict";
import { dataApi, databaseTest as test, newEventId } from "../support/stack.ts";
import { stackEnv } from "../support/stack_env.ts";

/** A request to the Data API as curl makes it, with one of the stack's keys. */
async function ask(
  path: string,
  { method = "GET", body, key = "SECRET_KEY" }: {
    method?: string;
    body?: string;
    key?: "SECRET_KEY" | "PUBLISHABLE_KEY";
  } = {},
): Promise<{ status: number; text: string }> {
  const { API_URL, [key]: apikey } = stackEnv();
  const headers = { apikey, "content-type": "application/json" };
  const request = { method, headers, body: body ?? null };
  const response = await fetch(`${API_URL}/rest/v1/${path}`, request);
  return { status: response.status, text: await response.text() };
}

const call = (rpc: string, body: string) => ask(`rpc/${rpc}`, { method: "POST", body });

test("an RPC can be called by hand with supabase-js, and as curl does", async (sql) => {
  const id = `user_${newEventId()}`;
  const { data, error } = await dataApi("SECRET_KEY").rpc("upsert_user", {
    p_external_id: id,
    p_email: "grace@example.com",
    p_full_name: "Grace Hopper",
    p_public_metadata: { rank: "admiral" },
  });
  assert.deepEqual([data, error], ["applied", null]);
  const [row] = await sql`
    select email, full_name, public_metadata from public.users where external_id = ${id}
  `;
  assert.deepEqual({ ...row }, {
    email: "grace@example.com",
    full_name: "Grace Hopper",
    public_metadata: { rank: "admiral" },
  });
  const organization = { p_external_id: `org_${newEventId()}`, p_name: "By hand" };
  const answer = await call("upsert_org_with_owner", JSON.stringify(organization));
  assert.deepEqual(answer, { status: 200, text: '"applied"' });
});

Deno.test("numbers in JSON go in and come out by their digits", async () => {
  const id = `user_${newEventId()}`;
  const metadata = '{"a":[12345678901234567891,0.12345678901234567890]}';
  await call("upsert_user", `{"p_external_id":"${id}","p_public_metadata":${metadata}}`);
  const { text } = await ask(`users?select=public_metadata&external_id=eq.${id}`);
  assert.equal(text, `[{"public_metadata":${metadata}}]`);
});

const HALF = String.raw`"A\ud800da"`;

const REFUSED: [what: string, rpc: string, body: string, code: string][] = [
  [
    "a number that fits no parameter",
    "sync_list_users",
    '{"p_limit":12345678901234567891}',
    "22003",
  ],
  ["a value that a check of ours refuses", "upsert_user", '{"p_external_id":""}', "23514"],
  [
    "half a surrogate pair in a text",
    "upsert_user",
    `{"p_external_id":"user_1","p_full_name":${HALF}}`,
    "PGRST102",
  ],
  [
    "half a surrogate pair in a key",
    "upsert_user",
    `{"p_external_id":"user_1","p_public_metadata":{${HALF}:1}}`,
    "PGRST102",
  ],
  [
    "half a surrogate pair in a page",
    "sync_upsert_users",
    `{"p_users":[{"p_external_id":"user_1","p_email":${HALF}}]}`,
    "PGRST102",
  ],
];

for (const [what, rpc, body, code] of REFUSED) {
  Deno.test(`${what} is refused by its code`, async () => {
    const { status, text } = await call(rpc, body);
    assert.deepEqual([status, JSON.parse(text).code], [400, code]);
  });
}

test("a whole pair is, and so is a backslash before ud800", async (sql) => {
  const id = `user_${newEventId()}`;
  const body = String.raw`{"p_external_id":"${id}","p_full_name":"\ud83d\ude00 \\ud800"}`;
  assert.equal((await call("upsert_user", body)).status, 200);
  const [row] = await sql`select full_name from public.users where external_id = ${id}`;
  assert.equal(row?.full_name, String.raw`😀 \ud800`);
});

Deno.test("the private schema is not exposed, even to the secret key", async () => {
  // Nor is it in the types.
  const client = dataApi("SECRET_KEY").schema("clerk_sync" as "public");
  const { error } = await client.from("events" as "users").select("*");
  assert.equal(error?.code, "PGRST106");
});

for (const key of ["SECRET_KEY", "PUBLISHABLE_KEY"] as const) {
  Deno.test(`an update or a delete without a filter is refused before anything is looked at, with the ${key}`, async () => {
    for (const [method, command] of [["PATCH", "UPDATE"], ["DELETE", "DELETE"]] as const) {
      const path = "organizations?select=id&limit=1";
      const { status, text } = await ask(path, { method, body: '{"plan":"pro"}', key });
      const message = `${command} requires a WHERE clause`;
      assert.equal(status, 400);
      assert.deepEqual(JSON.parse(text), { code: "21000", message, details: null, hint: null });
    }
  });
}

const UNRELATED: [parent: string, child: string, path: string][] = [
  ["users", "organizations", "users?select=organizations(name)"],
  ["users", "organizations", "users?select=id,theirs:organizations!inner(name)"],
  ["users", "organizations", "users?select=...organizations(name)"],
  ["user_sessions", "users", "user_sessions?select=users(full_name)"],
  ["users", "organizations", "organization_members?select=users(full_name,organizations(name))"],
  [
    "my_organizations",
    "organization_members",
    "rpc/my_organizations?select=organization_members(role)",
  ],
];

for (const [parent, child, path] of UNRELATED) {
  Deno.test(`PostgREST knows no way from ${parent} to ${child}: ${path}`, async () => {
    const { status, text } = await ask(path);
    const { code, message, details } = JSON.parse(text);
    assert.deepEqual([status, code], [400, "PGRST200"]);
    const between = `between '${parent}' and '${child}' in the schema`;
    assert.equal(message, `Could not find a relationship ${between} cache`);
    assert.match(details, new RegExp(`${between} 'public'`));
  });
}

for (
  const path of [
    "users?select=id,organization_members(role,organizations(name))",
    "organizations?select=name,members:organization_members(role,users(full_name))",
    "organizations?select=name,organization_members(role,users:public_user_data(full_name,avatar_url))",
    "organization_members?select=role,organization_id(name),users!organization_members_user_exists(id)",
  ]
) {
  Deno.test(`a foreign key is a way: ${path}`, async () => {
    const { status, text } = await ask(`${path}&limit=1`);
    assert.equal(status, 200, text);
  });
}

test("a day of the chart comes whole, though it is longer than the Data API's lists", async (sql) => {
  const type = `chart.${newEventId()}`;
  await sql`
    insert into clerk_sync.event_counts (width, bucket_at, event_type, outcome, events)
    select 'minute', date_trunc('minute', now() - make_interval(mins => m)), ${type}, 'ignored', 1000000000
    from generate_series(2, 1300) m
  `;
  try {
    const { data } = await dataApi("SECRET_KEY").rpc("sync_event_series", { p_minutes: 1440 });
    const series = data as { minute_at: string; outcome: string; events: number }[];
    const [newest] = await sql`
      select max(bucket_at) as at from clerk_sync.event_counts where event_type = ${type}
    `;
    const minutes = series.filter(({ events }) => events >= 1_000_000_000);
    assert.equal(minutes.length, 1299);
    assert.equal(new Date(minutes.at(-1)!.minute_at).getTime(), newest?.at.getTime());
  } finally {
    await sql`delete from clerk_sync.event_counts where event_type = ${type}`;
  }
});
