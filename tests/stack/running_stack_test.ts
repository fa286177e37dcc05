import { parse } from "dotenv";
import { SignJWT } from "jose";
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { installPgtap } from "../../scripts/stack/pgtap.ts";
import { eventually } from "./eventually.ts";
import { start, temporaryProject } from "./project.ts";

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
  const sign = (secret: string, role = "authenticated") =>
    new SignJWT({ role, sub: "user_1" })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(secret));

  await test.step("writes its environment in dotenv form, for its owner alone", () => {
    const file = join(project.dataDir, "env");
    deepEqual(parse(Deno.readTextFileSync(file)), env);
    for (const secret of [file, join(project.dataDir, "keys.json")]) {
      equal((Deno.statSync(secret).mode ?? 0) & 0o777, 0o600, secret);
    }
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
    for (const name of ["_clerk_sync", "off", "nothing"]) {
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
    const ruler = await sign(env.JWT_SECRET, "postgres");
    const { status, body } = await rpc("who", {}, env.PUBLISHABLE_KEY, ruler);
    deepEqual([status, body.code], [403, "42501"]);
    equal((await rpc("who", {}, "sb_secret_guessed")).status, 401);
    equal((await fetch(`${env.API_URL}/rest/v1/things`)).status, 401);
  });

  await test.step("hands JSON to the database as what it is", async () => {
    const kinds: [kind: string, values: unknown[]][] = [
      ["object", [{ a: [1] }]],
      ["array", [[{ a: 1 }]]],
      ["string", ["a", '{"a":1}', "[1]", "1", '"a"']],
      ["number", [1]],
      ["boolean", [true]],
    ];
    for (const [kind, values] of kinds) {
      for (const p_value of values) equal((await rpc("type_of", { p_value })).body, kind);
    }
    const ask = async (value: string) => {
      const url = `${env.API_URL}/rest/v1/rpc/type_of?p_value=${encodeURIComponent(value)}`;
      return await (await fetch(url, { headers: { apikey: env.SECRET_KEY } })).json();
    };
    equal(await ask('{"a":1}'), "object");
    equal((await ask("a")).code, "22P02");
  });

  await test.step("answers a database error with its own code, as PostgREST does", async () => {
    const details = { details: "d", hint: "h", message: "no" };
    const codes = {
      400: ["22P02", "P0001"],
      404: ["42P01"],
      409: ["23505"],
      500: ["21000", "40001", "40P01", "53400", "57014"],
    };
    for (
      const [status, code] of Object.entries(codes).flatMap(([s, all]) => all.map((c) => [s, c]))
    ) {
      const answer = { status: Number(status), body: { code, ...details } };
      deepEqual(await rpc("fail", { p_code: code }), answer);
    }
    equal((await rpc("closed", {}, env.PUBLISHABLE_KEY)).body.code, "42501");
  });

  await test.step("has a NUL found in the JSON of a body, as PostgREST does", async () => {
    for (const p_value of ["a\0", { a: "\0" }]) {
      const { status, body } = await rpc("type_of", { p_value });
      deepEqual([status, body.code], [400, "22P05"]);
    }
    equal((await rpc("fail", { p_code: "P0\0" })).body.code, "22P05");
  });

  await test.step("gives each role the time that it has on a hosted project", async () => {
    const limitOf = async (role: string) =>
      (await rpc("time_limit", {}, env.PUBLISHABLE_KEY, await sign(env.JWT_SECRET, role))).body;
    equal(await limitOf("anon"), "3s");
    equal((await rpc("time_limit", {}, env.PUBLISHABLE_KEY)).body, "3s");
    equal(await limitOf("authenticated"), "8s");
    equal(await limitOf("service_role"), "8s");
    equal((await rpc("time_limit", {})).body, "8s");
  });

  await test.step("sees a function that was made later", async () => {
    await using sql = connect(env.DB_URL);
    equal((await rpc("later", {})).body.code, "PGRST202");
    await sql`create function public.later() returns integer language sql as 'select 1'`;
    await eventually("it is there", async () => (await rpc("later", {})).body === 1);
  });

  await test.step("grants nobody a table that is made, nor anything outside of public", async () => {
    await using sql = connect(env.DB_URL);
    const [rights] = await sql`
      select
        array(
          select format('%s %s', role, privilege)
          from unnest('{anon,authenticated,service_role}'::text[]) role
          cross join unnest('{select,insert,update,delete,truncate}'::text[]) privilege
          where has_table_privilege(role, 'public.things', privilege)
        ) as on_table,
        has_schema_privilege('anon', 'hidden', 'usage') as in_hidden,
        has_table_privilege('service_role', 'hidden.secrets', 'select') as hidden_table,
        has_function_privilege('anon', 'public.who()', 'execute') as on_function`;
    deepEqual({ ...rights }, {
      on_table: [],
      in_hidden: false,
      hidden_table: false,
      on_function: true,
    });
  });

  await test.step("runs the migrations as an owner who is no superuser, as a hosted project does", async () => {
    await using sql = connect(env.DB_URL);
    const [owner] = await sql`
      select rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication
      from pg_roles
      where oid = (select relowner from pg_class where oid = 'public.things'::regclass)`;
    deepEqual({ ...owner }, {
      rolname: "postgres",
      rolsuper: false,
      rolcreaterole: true,
      rolcreatedb: true,
      rolbypassrls: true,
      rolreplication: true,
    });
    await rejects(() => sql`create role ruler superuser`, { code: "42501" });
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
