/** Other accounts of the machine reach its loopback interface, and read everybody's arguments of programs. */
import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { loadKeys } from "../../scripts/stack/keys.ts";
import { postmasterPid } from "../convergence/support.ts";
import { start, temporaryProject } from "./project.ts";

const LOGINS = ["supabase_admin", "postgres", "authenticator"] as const;

Deno.test("a stack among the other accounts of its machine", async (test) => {
  using project = temporaryProject();
  const seen = watchArguments();
  await using stack = await start(project);
  const { env, superuserUrl } = stack;
  const keys = join(project.dataDir, "keys.json");
  const { passwords } = JSON.parse(Deno.readTextFileSync(keys));

  await test.step("has a random password of its own for each role that logs in", async () => {
    deepEqual(Object.keys(passwords), LOGINS);
    equal(new Set(Object.values(passwords)).size, LOGINS.length);
    equal(new URL(env.DB_URL).password, passwords.postgres);
    equal(new URL(superuserUrl).password, passwords.supabase_admin);
    const other = await loadKeys(join(project.root, "other.json"));
    for (const login of LOGINS) notEqual(other.passwords[login], passwords[login]);
  });

  for (const login of LOGINS) {
    await test.step(`lets nobody in as ${login} who knows no more than the port`, async () => {
      for (const guess of ["postgres", "", login]) {
        await rejects(() => connect(env.DB_URL, login, guess), { code: "28P01" });
      }
      await connect(env.DB_URL, login, passwords[login]);
    });
  }

  await test.step("is used as somebody who starts no programs and reads no files", async () => {
    const sql = postgres(env.DB_URL, { max: 1, onnotice: () => {} });
    await rejects(() => sql`copy (select 1) to program 'true'`, { code: "42501" });
    await rejects(() => sql`select pg_read_file(${keys})`, { code: "42501" });
    await sql.end();
  });

  await test.step("shows no password in the arguments of a program, and no log holds one", () => {
    seen.stop();
    if (Deno.build.os === "linux") ok(seen.all().includes("--remote="));
    const logs = join(project.dataDir, "logs");
    const written = [...Deno.readDirSync(logs)]
      .map(({ name }) => Deno.readTextFileSync(join(logs, name)));
    for (const text of [seen.all(), ...written]) {
      for (const login of LOGINS) ok(!text.includes(passwords[login]), `${login}: ${text}`);
    }
  });

  await test.step("gives a function the login that Supabase gives it, and no other", async () => {
    const seen = await (await fetch(`${env.API_URL}/functions/v1/echo/env`)).text();
    ok(seen.includes(passwords.postgres));
    ok(!seen.includes(passwords.supabase_admin));
    ok(!seen.includes(passwords.authenticator));
  });

  await test.step({
    name: "lets another account read nothing of it, and end nothing",
    ignore: Deno.uid() !== 0 || Deno.build.os !== "linux",
    fn: async () => {
      const cluster = join(project.dataDir, "postgres");
      const server = postmasterPid(cluster);
      ok(await asNobody("kill -0 $$"));
      for (const file of ["env", "keys.json", "stack.lock", "logs", "logs/postgres.log", "."]) {
        ok(
          !await asNobody(`ls ${project.dataDir}/${file}/ || cat ${project.dataDir}/${file}`),
          file,
        );
      }
      ok(!await asNobody(`ls ${cluster}`));
      for (const pid of [server, Deno.pid]) {
        ok(!await asNobody(`kill -0 ${pid}`));
        ok(!await asNobody(`cat /proc/${pid}/environ`));
      }
    },
  });
});

Deno.test("nobody becomes superuser by what is left for the next start", async () => {
  using project = temporaryProject();
  // The owner of a schema may drop what is in it, and make another in its place.
  const left = [
    "drop function extensions.pgrst_ddl_watch cascade",
    trigger(""),
    trigger(`
      if (select rolsuper from pg_roles where rolname = current_user) then
        alter role postgres superuser;
      end if;`),
  ];
  for (const statements of [left.slice(0, 2), left.slice(2), []]) {
    await using stack = await start(project);
    const sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
    const [role] = await sql`select rolsuper from pg_roles where rolname = 'postgres'`;
    equal(role!.rolsuper, false);
    for (const statement of statements) await sql.unsafe(statement);
    await sql.end();
  }
});

function trigger(body: string): string {
  return `create or replace function extensions.pgrst_ddl_watch() returns event_trigger
    language plpgsql as $$ begin ${body} end $$`;
}

async function connect(dbUrl: string, login: string, password: string): Promise<void> {
  const url = Object.assign(new URL(dbUrl), { username: login, password });
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  try {
    await sql`select 1`;
  } finally {
    await sql.end();
  }
}

async function asNobody(script: string): Promise<boolean> {
  const account = ["--reuid=nobody", "--regid=65534", "--clear-groups"];
  const { success } = await new Deno.Command("setpriv", {
    args: [...account, "sh", "-c", script],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** Reads again and again what every program of the machine was started with, as any account may. */
function watchArguments(): { all(): string; stop(): void } {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    if (Deno.build.os !== "linux") return;
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        seen.add(Deno.readTextFileSync(`/proc/${name}/cmdline`));
      } catch {
        // It ended meanwhile.
      }
    }
  }, 10);
  return { all: () => [...seen].join("\n"), stop: () => clearInterval(timer) };
}
