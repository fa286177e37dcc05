/** What `supabase db push` makes of a database: whole, ended in the middle, and back again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Sql } from "postgres";
import { apply } from "../../scripts/add/apply.ts";
import { blockIn, readDatabase } from "../../scripts/add/database.ts";
import { openProject } from "../../scripts/add/project.ts";
import { planRemove } from "../../scripts/add/remove.ts";
import { installPgmq } from "../support/pgmq.ts";
import { runCommand } from "../support/run_command.ts";
import { clento, filesOf } from "./clento.ts";
import { databaseState } from "./database_state.ts";
import { add, type OwnDatabase, ownDatabase, push, RELEASE } from "./support.ts";

const GUIDE = Deno.readTextFileSync(
  join(import.meta.dirname!, "..", "support", "guide_tables.sql"),
);
const EMPTY = { "supabase/config.toml": "" };

/** A database with some SQL in it, and what `add` and a push make of it. */
async function pushed(before: string): Promise<OwnDatabase> {
  using project = clento(EMPTY);
  const database = await ownDatabase();
  await database.sql.unsafe(before).simple();
  add(project.root);
  const { success, stderr } = await push(project.root, database.url);
  assert.ok(success, stderr);
  return database;
}

Deno.test("an empty database and one with the guide's tables become the same to the letter", async () => {
  await using empty = await pushed("");
  await using guide = await pushed(GUIDE);
  assert.deepEqual(await databaseState(guide.sql), await databaseState(empty.sql));
});

Deno.test("a push that is ended in the middle goes on where it was, to the same end", async () => {
  await using whole = await pushed(GUIDE);
  using project = clento(EMPTY);
  await using database = await ownDatabase();
  const { sql } = database;
  await sql.unsafe(GUIDE).simple();
  add(project.root);
  for (const table of ["users", "organizations", "organization_members"]) {
    await sql.begin(async (sql) => {
      // The push waits for it, and is ended there.
      await sql`lock table ${sql(table)} in access exclusive mode`;
      const pushing = push(project.root, database.url);
      let ended = 0;
      while (ended === 0) {
        await database.asSuperuser(async (superuser) => ended = await endWaiting(superuser));
      }
      assert.ok(!(await pushing).success, table);
    });
  }
  const last = await push(project.root, database.url);
  assert.ok(last.success, last.stderr);
  assert.deepEqual(await databaseState(sql), await databaseState(whole.sql));
});

/** Ends the connections of this database that wait for a lock, and says how many. */
async function endWaiting(superuser: Sql): Promise<number> {
  const ended = await superuser`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
  `;
  return ended.length;
}

/** What of an app may use the sync, and how the removal names it. */
const USES: [sql: string, named: string][] = [
  [
    `create table notes (id int primary key, organization_id uuid default null, by uuid default public.my_user_id());
    alter table notes enable row level security;`,
    "default value for public.notes.by",
  ],
  [
    `create policy "theirs" on notes using (organization_id in (select public.my_organization_ids()))`,
    "policy theirs on public.notes",
  ],
  [`create view me as select public.my_user_id() as id`, "view public.me"],
  [
    `create function is_mine(p_id uuid) returns boolean language sql as 'select public.is_member_of(p_id)'`,
    "function public.is_mine(uuid)",
  ],
  [`create view kept as select event_id from clerk_sync.events`, "view public.kept"],
];

Deno.test("the removal stops while anything of the app uses the sync, names all of it, and changes nothing", async () => {
  using project = clento(EMPTY);
  const { root } = project;
  await using database = await ownDatabase();
  const { sql, url } = database;
  add(root);
  assert.ok((await push(root, url)).success);
  for (const [statement] of USES) await sql.unsafe(statement).simple();
  await sql`create function sync_list_users(of text) returns text language sql as 'select of'`;
  const files = filesOf(root);
  const state = await databaseState(sql);

  const asked = await runCommand("add", { args: [root, "--remove", "--db-url", url] });
  assert.equal(asked.code, 1, asked.stdout + asked.stderr);
  for (const [, named] of USES) {
    assert.ok(asked.stdout.includes(named), `${named}: ${asked.stdout}`);
  }
  assert.match(asked.stdout, new RegExp(`${USES.length} of yours use it`));
  assert.deepEqual(filesOf(root), files);

  apply(root, planRemove(openProject(root)));
  const refused = await push(root, url);
  assert.equal(refused.success, false);
  assert.match(refused.stderr, /can't be taken out yet, and nothing was changed/);
  assert.deepEqual(await databaseState(sql), state);

  await sql.unsafe("drop view me, kept; drop table notes; drop function is_mine;").simple();
  const removed = await push(root, url);
  assert.ok(removed.success, removed.stderr);
  const left = await sql`
    select p.oid::regprocedure::text as name from pg_proc p where pronamespace = 'public'::regnamespace`;
  assert.deepEqual(left.map(({ name }) => name), ["sync_list_users(text)"]);
});

Deno.test("after the removal the owner and service_role alone read the rows, and service_role writes them", async () => {
  using project = clento(EMPTY);
  await using database = await ownDatabase();
  const { sql, url } = database;
  await sql.unsafe(GUIDE).simple();
  add(project.root);
  apply(project.root, planRemove(openProject(project.root)));
  assert.ok((await push(project.root, url)).success);
  const as = (role: string, statement: string) =>
    sql.begin(async (transaction) => {
      await transaction.unsafe(`set local role ${role}`);
      return await transaction.unsafe(statement);
    }).then((rows) => rows.length, (error) => error.code);
  const insert = "insert into users (external_id, email) values ('user_1', '') returning id";
  assert.equal(await as("service_role", insert), 1);
  assert.equal(await as("authenticated", "select from users"), 0);
  assert.equal(await as("anon", "select from users"), "42501");
  assert.equal(await as("service_role", "select from users"), 1);
});

Deno.test("the removal takes the change queue's triggers out, and leaves the queue", async () => {
  using project = clento(EMPTY);
  await using database = await ownDatabase();
  const { sql, url } = database;
  add(project.root);
  assert.ok((await push(project.root, url)).success);
  await database.asSuperuser(installPgmq);
  await sql`select public.sync_enable_change_queue()`;
  apply(project.root, planRemove(openProject(project.root)));
  const removed = await push(project.root, url);
  assert.ok(removed.success, removed.stderr);
  assert.deepEqual([...await sql`select tgname from pg_trigger where tgname ~ 'queued'`], []);
  assert.equal((await sql`select from pgmq.list_queues()`).length, 1);
});

const NOTICES: [name: string, before: string, says: RegExp][] = [
  [
    "a trigger whose function has no search_path",
    `create function touch() returns trigger language plpgsql as 'begin return new; end';
    create trigger touch before update on users for each row execute function touch();`,
    /^Triggers of yours on public.users .* alter function public.touch\(\) set search_path = public, extensions;/,
  ],
  [
    "policies of the app's",
    `create policy mine on users using (true);`,
    /^Policies of yours on public.users stay, .*: mine\./,
  ],
  [
    "tables that were open",
    `grant select on users to anon;`,
    /^public.users becomes closed: what anon, .* is revoked/,
  ],
  [
    "own columns that members see",
    `alter table organizations add column stripe_customer_id text;`,
    /^Columns of yours in public.organizations are read by every member .*: stripe_customer_id\./,
  ],
  [
    "columns that have a length",
    `alter table users alter column full_name type varchar(20);`,
    /^Columns of public.users have a length, .* full_name\./,
  ],
  [
    "keys to members that keep the row",
    `create table desks (member_id uuid references organization_members (id));`,
    /^Foreign keys keep a member's row .*: desks_member_id_fkey of public.desks\./,
  ],
  [
    "checks on what the sync writes",
    `alter table organization_members add constraint known_role check (role in ('admin', 'member'));`,
    /^Checks of yours on columns of public.organization_members .*: known_role\./,
  ],
  [
    "names that are unique",
    `alter table organizations add constraint one_name unique (name);`,
    /^Values that are unique in public.organizations .*: public.one_name\./,
  ],
];

Deno.test("what is only worth knowing is a notice, and in nobody's way", async (test) => {
  await using database = await ownDatabase();
  const { sql, url } = database;
  await sql.unsafe(GUIDE + NOTICES.map(([, before]) => before).join("\n")).simple();
  await using reading = readDatabase(url);
  const answer = await reading.ask(blockIn(RELEASE.migrations[0]!.text, "preflight"));
  assert.equal(answer.obstacle, null);
  for (const [name, , says] of NOTICES) {
    await test.step(name, () => {
      assert.equal(
        answer.notices.filter((notice) => says.test(notice)).length,
        1,
        answer.notices.join("\n"),
      );
    });
  }
  // Three more say how many rows each table has.
  assert.equal(answer.notices.length, NOTICES.length + 3);
});

Deno.test("a database that can't be asked is no answer: exit code 2, and no password in what is said", async () => {
  using project = clento();
  for (const url of ["postgresql://postgres:hunter2@127.0.0.1:9/postgres", "hunter2"]) {
    const { code, stdout, stderr } = await runCommand("add", {
      args: [project.root, "--check", "--db-url", url],
    });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.ok(!stderr.includes("hunter2"), stderr);
  }
});
