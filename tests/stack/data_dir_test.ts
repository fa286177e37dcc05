import { equal, notEqual, rejects } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { SUPERUSER } from "../../scripts/stack/roles.ts";
import { temporaryProject } from "./project.ts";
import { start } from "./start.ts";

Deno.test("a stack keeps its data and its keys between runs, until it is started fresh", async () => {
  using project = temporaryProject();
  const first = await start(project);
  await query(first.env.DB_URL, "insert into public.things (id) values (1)");
  await first.stop();
  equal(existsSync(join(project.dataDir, "env")), false);

  const second = await start(project);
  equal(await query(second.env.DB_URL, "select count(*) as result from public.things"), "1");
  equal(second.env.SECRET_KEY, first.env.SECRET_KEY);
  await second.stop();

  await using fresh = await start(project, { fresh: true });
  equal(await query(fresh.env.DB_URL, "select count(*) as result from public.things"), "0");
  notEqual(fresh.env.SECRET_KEY, first.env.SECRET_KEY);
  equal(fresh.env.CLERK_WEBHOOK_SECRET, first.env.CLERK_WEBHOOK_SECRET);
});

Deno.test("a directory that holds other things is refused, also with --fresh", async () => {
  using project = temporaryProject();
  const dataDir = join(project.root, "supabase");
  await rejects(() => start(project, { dataDir, fresh: true }), /holds other things/);
  equal(existsSync(join(dataDir, "config.toml")), true);
});

Deno.test("a port that is taken is named, and the flag to choose another", async () => {
  using project = temporaryProject();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const message = (flag: string) =>
    new RegExp(`port ${port} is taken .* choose another with ${flag}`);
  await rejects(() => start(project, { apiPort: port }), message("--api-port"));
  await rejects(() => start(project, { dbPort: port }), message("--db-port"));
  equal(existsSync(join(project.dataDir, "postgres")), false);
});

Deno.test("a migration that fails is shown, and nothing keeps running", async () => {
  using project = temporaryProject();
  const file = join(project.root, "supabase", "migrations", "20260102000000_broken.sql");
  Deno.writeTextFileSync(file, "select no_such_column;");
  await rejects(() => start(project), /no_such_column/);
  equal(existsSync(join(project.dataDir, "postgres", "postmaster.pid")), false);
  equal(existsSync(join(project.dataDir, "env")), false);
});

Deno.test("data whose superuser has another password are refused, with what to do", async () => {
  using project = temporaryProject();
  const first = await start(project);
  // As an earlier version made them, everybody's password was the same.
  await query(first.superuserUrl, `alter role ${SUPERUSER} password 'postgres'`);
  await first.stop();
  await rejects(() => start(project), /made by an earlier version.*--fresh starts anew/);
  equal(existsSync(join(project.dataDir, "postgres", "postmaster.pid")), false);

  await using fresh = await start(project, { fresh: true });
  equal(await query(fresh.env.DB_URL, "select 1 as result"), 1);
});

for (
  const [what, text] of [
    ["breaks off", '{ "secret": "sb_sec'],
    ["is no object", "[1]"],
    ["holds an empty secret", '{ "jwtSecret": "" }'],
    ["holds a password that is none of ours", '{ "passwords": { "postgres": "a@b" } }'],
    ["holds no key where one should be", '{ "clerkSigningKey": {} }'],
  ] as const
) {
  Deno.test(`a keys.json that ${what} is told in a sentence, without what is in it`, async () => {
    using project = temporaryProject();
    Deno.mkdirSync(project.dataDir, { recursive: true });
    Deno.writeTextFileSync(join(project.dataDir, "stack.lock"), "");
    const keys = join(project.dataDir, "keys.json");
    Deno.writeTextFileSync(keys, text);
    const message =
      `${keys} is not what a stack wrote; put it back as it was, or --fresh starts anew`;
    await rejects(() => start(project), { name: "StackError", message });
    equal(Deno.readTextFileSync(keys), text);
  });
}

Deno.test({
  name: "as root the server finds a place when its user cannot reach the data directory",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    using project = temporaryProject();
    Deno.chmodSync(project.root, 0o700);
    const stack = await start(project);
    const away = Deno.readTextFileSync(join(project.dataDir, "postgres-home"));
    equal(await query(stack.env.DB_URL, "select 1 as result"), 1);
    await stack.remove();
    equal(existsSync(away), false);
  },
});

async function query(url: string, text: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [row] = await sql.unsafe(text);
  await sql.end();
  return row?.result;
}
