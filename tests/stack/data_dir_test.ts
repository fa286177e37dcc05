import { equal, notEqual, rejects } from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { writeSecretFile } from "../../scripts/stack/env_file.ts";
import { openLog } from "../../scripts/stack/log_file.ts";
import { SUPERUSER } from "../../scripts/stack/roles.ts";
import { start, temporaryProject } from "./project.ts";

Deno.test("a stack keeps its data and its keys between runs, until it is started fresh", async (test) => {
  using project = temporaryProject();
  const first = await start(project);
  await query(first.env.DB_URL, "insert into public.things (id) values (1)");
  await first.stop();
  equal(existsSync(join(project.dataDir, "env")), false);

  const second = await start(project);
  equal(await query(second.env.DB_URL, "select count(*) as result from public.things"), "1");
  equal(second.env.SECRET_KEY, first.env.SECRET_KEY);
  equal(second.env.CLERK_SIGNING_KEY, first.env.CLERK_SIGNING_KEY);

  await test.step("data whose superuser has another password are refused, with what to do", async () => {
    // As an earlier version made them, everybody's password was the same.
    await query(second.superuserUrl, `alter role ${SUPERUSER} password 'postgres'`);
    await second.stop();
    await rejects(() => start(project), /made by an earlier version.*--fresh starts anew/);
    equal(existsSync(join(project.dataDir, "postgres", "postmaster.pid")), false);
  });

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

const WRITTEN = ["keys.json", "env", "stack.lock", "postgres", "postgres-home", "logs", "deno"];
for (const name of [...WRITTEN, "logs/postgres.log"]) {
  Deno.test(`a data directory whose ${name} is a symbolic link is refused, and nothing written behind it`, async () => {
    using project = temporaryProject();
    const behind = join(project.root, "behind");
    Deno.writeTextFileSync(behind, "as it was", { mode: 0o644 });
    plant(project.dataDir, name, (file) => Deno.symlinkSync(behind, file));
    await rejects(() => start(project), { name: "StackError", message: /is a symbolic link/ });
    equal(Deno.readTextFileSync(behind), "as it was");
    equal((Deno.statSync(behind).mode ?? 0) & 0o777, 0o644);
  });
}

Deno.test("a file is made anew where a link is put at the last moment", () => {
  using project = temporaryProject();
  const [secret, log, behind] = ["keys.json", "x.log", "behind"].map((name) =>
    join(project.root, name)
  ) as [string, string, string];
  Deno.writeTextFileSync(behind, "as it was");
  for (const path of [secret, `${secret}.part`, log]) Deno.symlinkSync(behind, path);
  writeSecretFile(secret, "secret");
  const { write, close } = openLog(log, () => {});
  write("said");
  close();
  equal(Deno.readTextFileSync(behind), "as it was");
  equal(Deno.readTextFileSync(secret), "secret");
  equal(Deno.readTextFileSync(log), "said");
});

for (const name of [".", "keys.json", "logs"]) {
  Deno.test({
    name: `a data directory whose ${name} belongs to another user is refused, also with --fresh`,
    ignore: Deno.uid() !== 0,
    fn: async () => {
      using project = temporaryProject();
      plant(project.dataDir, name, (file) => {
        Deno.mkdirSync(file, { recursive: true });
        Deno.chownSync(file, 65534, 65534);
      });
      for (const fresh of [false, true]) {
        await rejects(() => start(project, { fresh }), /belongs to another user.*--data-dir/);
      }
      equal(existsSync(join(project.dataDir, "env")), false);
    },
  });
}

Deno.test("all ports that are taken are named at once, with the options to choose others", async () => {
  using project = temporaryProject();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const named = (option: string) =>
    `port ${port} is taken by another program; choose another with ${option}`;
  await rejects(() => start(project, { apiPort: port, dbPort: port }), {
    name: "StackError",
    message: `${named("--api-port")}\n${named("--db-port")}`,
  });
  await rejects(() => start(project, { dbPort: port }), { message: named("--db-port") });
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

for (
  const [what, text] of [
    ["breaks off", '{ "secret": "sb_sec'],
    ["is no object", "[1]"],
    ["holds an empty secret", '{ "jwtSecret": "" }'],
    ["holds a password that is none of ours", '{ "passwords": { "postgres": "a@b" } }'],
    ["holds no key where one should be", '{ "clerkSigningKey": {} }'],
    [
      "holds a key that is none",
      '{ "clerkSigningKey": { "kty": "RSA", "n": "!", "e": "!", "d": "!" } }',
    ],
  ] as const
) {
  Deno.test(`a keys.json that ${what} is told in a sentence, without what is in it`, async () => {
    using project = temporaryProject();
    const keys = join(project.dataDir, "keys.json");
    plant(project.dataDir, "keys.json", (file) => Deno.writeTextFileSync(file, text));
    const message =
      `${keys} is not what a stack wrote; put it back as it was, or --fresh starts anew`;
    await rejects(() => start(project), { name: "StackError", message });
    equal(Deno.readTextFileSync(keys), text);
  });
}

for (const version of ["16\n", "\x1b[2J", null]) {
  Deno.test(`data of PostgreSQL ${JSON.stringify(version)} are told in a sentence`, async () => {
    using project = temporaryProject();
    plant(project.dataDir, "postgres", (cluster) => {
      Deno.mkdirSync(cluster);
      if (version !== null) Deno.writeTextFileSync(join(cluster, "PG_VERSION"), version);
    });
    const message = version === "16\n"
      ? /made by PostgreSQL 16, /
      : /holds no data of PostgreSQL; /;
    await rejects(() => start(project), { name: "StackError", message });
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
    // The server's user can't swap what is made for it.
    equal(Deno.lstatSync(away).uid, 0);
    equal((Deno.lstatSync(away).mode ?? 0) & 0o777, 0o711);
    equal(await query(stack.env.DB_URL, "select 1 as result"), 1);
    await stack.remove();
    equal(existsSync(away), false);
  },
});

/** Makes a data directory as a stack leaves it, with something of that name in it. */
function plant(dataDir: string, name: string, make: (path: string) => void): void {
  Deno.mkdirSync(join(dataDir, dirname(name)), { recursive: true });
  if (name !== "stack.lock") Deno.writeTextFileSync(join(dataDir, "stack.lock"), "");
  make(join(dataDir, name));
}

async function query(url: string, text: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [row] = await sql.unsafe(text);
  await sql.end();
  return row?.result;
}
