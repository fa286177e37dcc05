import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { functionsInSchema, inSchema, parseSchema } from "../../scripts/add/schema.ts";
import { createAsk } from "../../scripts/dashboard/ask.ts";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { asSuperuser } from "../support/as_superuser.ts";
import { runCommand } from "../support/run_command.ts";
import { type Project, start } from "../stack/project.ts";
import { clento, put } from "./clento.ts";
import { ownDatabase, push } from "./support.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("a schema has a name that needs no quotes, and is the app's", () => {
  for (const name of ["public", "clerk", "_c1", "authn", "pgclerk", "a".repeat(63)]) {
    assert.equal(parseSchema(name), name);
  }
  const malformed = ["", "Clerk", "1a", "a-b", "a b", "a;b", 'a"b', "a'b", "ä", "a".repeat(64)];
  const words = ["order", "user", "values", "left"];
  const taken = ["pg_catalog", "pg_x", "information_schema", "auth", "storage", "extensions"]
    .concat("clerk_sync", "graphql_public", "realtime", "supabase_migrations", "vault", "cron");
  for (const name of [...malformed, ...words, ...taken]) {
    assert.throws(() => parseSchema(name), UsageError, name);
  }
});

const SQL: [what: string, ours: string, theirs: string][] = [
  ["a qualified name", "select public.f() from public.users", "select clerk.f() from clerk.users"],
  ["a name that is put together", "'public.%I', 'public.' || t", "'clerk.%I', 'clerk.' || t"],
  ["a pattern", "x ~ '(^|\\W)(public\\.)?f'", "x ~ '(^|\\W)(clerk\\.)?f'"],
  ["a literal", "'public'::regnamespace, 'public'", "'clerk'::regnamespace, 'clerk'"],
  ["a path", "set search_path = public, extensions", "set search_path = clerk, extensions"],
  [
    "the schema of a grant, and not the role",
    "revoke all on all tables in schema public from public, anon; grant select on public.t to public;",
    "revoke all on all tables in schema clerk from public, anon; grant select on clerk.t to public;",
  ],
  [
    "the schema itself, made where it is relied on",
    "-- First.\ngrant usage on schema public to authenticated;",
    "-- First.\ncreate schema if not exists clerk;\ngrant usage on schema clerk to authenticated;",
  ],
];
const OTHERS =
  "public_metadata, graphql_public.f(), pg_catalog.x -- public metadata in public metadata";

Deno.test("SQL of ours is put into a schema, and stays as it is for public", async (t) => {
  for (const [what, ours, theirs] of [...SQL, ["no other name", OTHERS, OTHERS] as const]) {
    await t.step(what, () => {
      assert.equal(inSchema(ours, "clerk"), theirs);
      assert.equal(inSchema(ours, "public"), ours);
    });
  }
});

/** A project with the sync in a schema, which is exposed beside `public`, and a table `users` of its own there. */
function projectIn(schema: string): Project {
  const root = Deno.makeTempDirSync({ prefix: "project-" });
  // As root the server runs as another user, who has to get through.
  Deno.chmodSync(root, 0o711);
  for (const name of ["node_modules", "deno.json"]) {
    Deno.symlinkSync(join(ROOT, name), join(root, name));
  }
  cpSync(join(ROOT, "supabase"), join(root, "supabase"), { recursive: true });
  const change = (path: string, changed: (text: string) => string) => {
    const file = join(root, "supabase", path);
    Deno.writeTextFileSync(file, changed(Deno.readTextFileSync(file)));
  };
  for (const { name } of Deno.readDirSync(join(root, "supabase", "migrations"))) {
    change(`migrations/${name}`, (sql) => inSchema(sql, schema));
  }
  change("functions/_clerk_sync/schema.ts", (code) => functionsInSchema(code, schema));
  change("config.toml", (toml) => toml.replace('["public"]', `["public", "${schema}"]`));
  const theirs = join(root, "supabase", "migrations", "20200101000000_theirs.sql");
  Deno.writeTextFileSync(theirs, "create table public.users (id text primary key);");
  return {
    root,
    dataDir: join(root, ".stack"),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

Deno.test("functions and commands work beside a foreign public.users", async (t) => {
  using project = projectIn("clerk");
  const CLERK_WEBHOOK_SECRET = `whsec_${btoa("the secret of these tests")}`;
  await using stack = await start(project, { functionEnv: { CLERK_WEBHOOK_SECRET } });
  const { API_URL, DB_URL, SECRET_KEY, PUBLISHABLE_KEY, WEBHOOK_URL } = stack.env;
  const env = {
    ...{
      SUPABASE_URL: API_URL,
      SUPABASE_SECRET_KEY: SECRET_KEY,
      CLERK_WEBHOOK_SECRET,
      WEBHOOK_URL,
    },
    SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
  };

  await t.step("events are stored in the schema", async () => {
    const { code, stderr } = await runCommand("simulate", { env });
    assert.equal(code, 0, stderr);
    await asSuperuser(DB_URL, async (sql) => {
      assert.ok((await sql`select from clerk.users`).length > 0);
      assert.equal((await sql`select from public.users`).length, 0);
    });
  });

  await t.step("the doctor finds nothing wrong there, and everything elsewhere", async () => {
    const args = ["--json"];
    const { code, stdout } = await runCommand("doctor", { args: [...args, "--schema=clerk"], env });
    const { checks } = JSON.parse(stdout) as { checks: { id: string; level: string }[] };
    assert.deepEqual([code, checks.filter(({ level }) => level === "failure")], [0, []]);
    for (const id of ["ledger", "rpcs", "schema", "row-level-security", "anonymous"]) {
      assert.equal(checks.find((check) => check.id === id)?.level, "ok", id);
    }
    assert.equal((await runCommand("doctor", { args, env })).code, 1);
  });

  await t.step("a command takes it from the environment, too", async () => {
    const at = (CLERK_SYNC_SCHEMA: string) =>
      runCommand("events", { args: ["--json"], env: { ...env, CLERK_SYNC_SCHEMA } });
    assert.equal((await at("clerk")).code, 0);
    assert.match((await at("hidden")).stderr, /PGRST106/);
  });

  await t.step("so does the dashboard", async () => {
    const ask = createAsk({ url: new URL(API_URL), secretKey: SECRET_KEY, schema: "clerk" });
    assert.ok(await ask("sync_row_counts"));
  });
});

Deno.test("with --schema what is added, upgraded and taken out is in that schema alone", async () => {
  using project = clento();
  const { root } = project;
  put(root, "supabase/config.toml", `[api]\nschemas = ["public", "clerk"]\n`);
  await using database = await ownDatabase();
  const { sql } = database;
  const run = (...args: string[]) => runCommand("add", { args: [root, ...args] });
  const inClerk = async () => {
    const [row] = await sql`
      select
        to_regclass('clerk.users') is not null as has_tables,
        (select count(*)::int from pg_proc where pronamespace = to_regnamespace('clerk')) as functions,
        to_regproc('public.upsert_user') is not null or to_regtype('public.sync_outcome') is not null as is_in_public
    `;
    return row!;
  };

  const added = await run("--schema", "clerk");
  assert.equal(added.code, 0, added.stdout + added.stderr);
  const constant = Deno.readTextFileSync(join(root, "supabase/functions/_clerk_sync/schema.ts"));
  assert.match(constant, /SCHEMA = "clerk"/);
  const pushed = await push(root, database.url);
  assert.ok(pushed.success, pushed.stderr);
  const { functions, ...rest } = await inClerk();
  assert.deepEqual(rest, { has_tables: true, is_in_public: false });
  assert.ok(functions > 40);
  await sql`insert into public.users (external_id, email) values ('theirs', '')`;

  const again = await run();
  assert.equal(again.code, 0);
  assert.match(again.stdout, /nothing is to be written/);
  const elsewhere = await run("--schema", "other");
  assert.deepEqual([elsewhere.code, /has the sync in clerk/.test(elsewhere.stderr)], [2, true]);

  assert.equal((await run("--remove")).code, 0);
  const removed = await push(root, database.url);
  assert.ok(removed.success, removed.stderr);
  assert.deepEqual(await inClerk(), { has_tables: true, functions: 0, is_in_public: false });
  const [theirs] = await sql`select count(*)::int from public.users where external_id = 'theirs'`;
  assert.equal(theirs?.count, 1);
});
