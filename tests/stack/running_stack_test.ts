import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { parse } from "dotenv";
import { SignJWT } from "jose";
import postgres from "postgres";
import { installPgtap } from "../../scripts/stack/pgtap.ts";
import { eventually } from "./eventually.ts";
import { temporaryProject } from "./project.ts";
import { start } from "./start.ts";

Deno.test("a running stack", async (test) => {
  using project = temporaryProject();
  await using stack = await start(project);
  const { env } = stack;
  const functionUrl = (path: string) => `${env.API_URL}/functions/v1/${path}`;
  const rpc = async (name: string, args: unknown, key = env.SECRET_KEY, token?: string) => {
    const headers = new Headers({ apikey: key, "content-type": "application/json" });
    if (token) headers.set("authorization", `Bearer ${token}`);
    const url = `${env.API_URL}/rest/v1/rpc/${name}`;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(args) });
    return { status: response.status, body: await response.json() };
  };
  const sign = (secret: string) =>
    new SignJWT({ role: "authenticated", sub: "user_1" })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(secret));

  await test.step("writes its environment in dotenv form, for its owner alone", () => {
    const file = join(project.dataDir, "env");
    deepEqual(parse(Deno.readTextFileSync(file)), env);
    equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
    equal(env.WEBHOOK_URL, functionUrl("clerk-webhook"));
  });

  await test.step("gives the functions a random webhook secret and leaves the rest as in the example", () => {
    const file = join(project.root, "supabase", "functions", ".env");
    const made = parse(Deno.readTextFileSync(file));
    equal(made.CLERK_WEBHOOK_SECRET, env.CLERK_WEBHOOK_SECRET);
    match(env.CLERK_WEBHOOK_SECRET, /^whsec_[A-Za-z0-9+/]{43}=$/);
    equal(made.GREETING, "hello");
  });

  await test.step("serves the folders that are functions, and no others", async () => {
    for (const name of ["_shared", "off", "nothing"]) {
      const response = await fetch(functionUrl(name));
      equal(response.status, 404);
      equal((await response.json()).code, "NOT_FOUND");
    }
  });

  await test.step("gives a function what Supabase gives it, and nothing of this process's environment", async () => {
    Deno.env.set("PRIVATE_OF_THE_USER", "1");
    const seen = await (await fetch(functionUrl("echo/env"))).json();
    equal(seen.PRIVATE_OF_THE_USER, undefined);
    equal(seen.GREETING, "hello");
    equal(seen.SUPABASE_URL, env.API_URL);
    equal(seen.SUPABASE_DB_URL, env.DB_URL);
    equal(seen.SUPABASE_SERVICE_ROLE_KEY, env.SECRET_KEY);
    deepEqual(JSON.parse(seen.SUPABASE_SECRET_KEYS), { default: env.SECRET_KEY });
    deepEqual(JSON.parse(seen.SUPABASE_PUBLISHABLE_KEYS), { default: env.PUBLISHABLE_KEY });
  });

  await test.step("passes a body on byte by byte, and the path with the function's name", async () => {
    const body = randomBytes(300_000);
    const headers = { authorization: "Bearer of no interest", "x-forwarded-for": "192.0.2.1" };
    const response = await fetch(functionUrl("echo/a%20b?c=d%2Fe"), {
      method: "POST",
      headers,
      body,
    });
    deepEqual(Buffer.from(await response.bytes()), body);
    equal(response.headers.get("x-path"), "/echo/a%20b?c=d%2Fe");
    equal(response.headers.get("x-caller"), "192.0.2.1, 127.0.0.1");
    equal(response.headers.get("x-length"), "300000");
  });

  await test.step("asks for a valid JWT where verify_jwt is not turned off", async () => {
    const call = async (authorization?: string) => {
      const headers = new Headers(authorization ? { authorization } : {});
      const response = await fetch(functionUrl("guarded"), { headers });
      return [response.status, await response.text()];
    };
    equal((await call())[0], 401);
    equal((await call(`Bearer ${env.SECRET_KEY}`))[0], 401);
    equal((await call(`Bearer ${await sign("another secret of sufficient length")}`))[0], 401);
    const authorization = `Bearer ${await sign(env.JWT_SECRET)}`;
    deepEqual(await call(authorization), [200, authorization]);
  });

  await test.step("starts a function again that ended", async () => {
    equal((await fetch(functionUrl("echo/exit"))).status, 503);
    await eventually("the function answers", async () => (await fetch(functionUrl("echo"))).ok);
  });

  await test.step("calls the database as the role of the key, or of the token", async () => {
    equal((await rpc("who", {})).body, "service_role");
    equal((await rpc("who", {}, env.PUBLISHABLE_KEY)).body, "anon");
    const token = await sign(env.JWT_SECRET);
    equal((await rpc("who", {}, env.PUBLISHABLE_KEY, token)).body, "authenticated");
    equal((await rpc("who", {}, "sb_secret_guessed")).status, 401);
    equal((await fetch(`${env.API_URL}/rest/v1/things`)).status, 401);
  });

  await test.step("hands JSON to the database as what it is", async () => {
    const kinds = { object: { a: [1] }, array: [{ a: 1 }], string: "a" };
    for (const [kind, p_value] of Object.entries(kinds)) {
      equal((await rpc("type_of", { p_value })).body, kind);
    }
  });

  await test.step("answers a database error with its own code, as PostgREST does", async () => {
    const details = { details: "d", hint: "h", message: "no" };
    for (const [code, status] of [["40001", 500], ["P0001", 400], ["23505", 409]] as const) {
      deepEqual(await rpc("fail", { p_code: code }), { status, body: { code, ...details } });
    }
    equal((await rpc("closed", {}, env.PUBLISHABLE_KEY)).body.code, "42501");
  });

  await test.step("sees a function that was made later", async () => {
    await using sql = connect(env.DB_URL);
    equal((await rpc("later", {})).body.code, "PGRST202");
    await sql`create function public.later() returns integer language sql as 'select 1'`;
    await eventually("it is there", async () => (await rpc("later", {})).body === 1);
  });

  await test.step("grants by name what is made in public, as Supabase does, and nothing elsewhere", async () => {
    await using sql = connect(env.DB_URL);
    const [rights] = await sql`
      select has_table_privilege('anon', 'public.things', 'truncate') as in_public,
        has_schema_privilege('anon', 'hidden', 'usage') as in_hidden,
        has_table_privilege('service_role', 'hidden.secrets', 'select') as hidden_table,
        proacl::text like '%anon=X/%' as by_name
      from pg_proc
      where proname = 'who'`;
    deepEqual({ ...rights }, {
      in_public: true,
      in_hidden: false,
      hidden_table: false,
      by_name: true,
    });
  });

  await test.step("starts PostgreSQL again when it is killed, and the Data API finds it", async () => {
    const pidFile = join(project.dataDir, "postgres", "postmaster.pid");
    process.kill(parseInt(Deno.readTextFileSync(pidFile)), "SIGKILL");
    await eventually("the database is away", async () => (await rpc("who", {})).status >= 503);
    await eventually("it is back", async () => (await rpc("who", {})).status === 200);
  });

  await test.step("refuses a second stack on the same data directory", async () => {
    await rejects(() => start(project), /already running on .*\.stack \(process \d+\)/);
  });

  await test.step("takes pgTAP into a database", async () => {
    await using sql = connect(env.DB_URL);
    await installPgtap(sql);
    await installPgtap(sql);
    await sql`set search_path = public, extensions`;
    await sql`select plan(1)`;
    const [row] = await sql`select ok(true, 'it works') as line`;
    equal(row?.line, "ok 1 - it works");
  });
});

function connect(url: string): postgres.Sql & AsyncDisposable {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end() });
}
