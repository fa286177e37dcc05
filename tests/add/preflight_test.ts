/** What is in the way of the migrations is told before the first change, and each remedy is one. */
import assert from "node:assert/strict";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { blockIn, type ReadDatabase, readDatabase } from "../../scripts/add/database.ts";
import { stackEnv } from "../support/stack_env.ts";
import { clento } from "./clento.ts";
import { databaseState } from "./database_state.ts";
import { add, ownDatabase, push, RELEASE } from "./support.ts";

const GUIDE = Deno.readTextFileSync(
  join(import.meta.dirname!, "..", "support", "guide_tables.sql"),
);
const PREFLIGHT = RELEASE.migrations[0]!.text;
/** What the preflight is for: later migrations are added, and have to look by themselves for what is in their way. */
const LOOKED_AFTER = RELEASE.migrations.filter(({ file }) => file <= "20261124009000_version.sql")
  .map(({ text }) => text).join("\n");
/** The migrations up to the last one that makes a table which may be there already. */
const TABLES = RELEASE.migrations.filter(({ file }) =>
  file <= "20261124000720_organization_invitations.sql"
);

/** A row of each of the guide's tables. */
const ROWS = `
  insert into users (external_id, email) values ('user_1', 'ada@example.com');
  insert into organizations (external_id, name, slug) values ('org_1', 'Engines', 'engines');
  insert into organization_members (organization_id, user_id) select o.id, u.id from users u, organizations o;
`;

interface Obstacle {
  /** What a database has besides the guide's tables. */
  before: string;
  /** What the message says of it. */
  says: RegExp;
  /** The SQL that the message gives, which clears it. */
  remedy: string[];
  /** What somebody has to decide, and do besides. */
  besides?: string;
  /** Both are the superuser's to do. */
  isSuperusers?: boolean;
}

const OBSTACLES: Record<string, Obstacle> = {
  "a view on a timestamp column": {
    before: "create view recent as select external_id from users order by created_at;",
    says: /Columns of public.users that are timestamp become timestamptz/,
    remedy: ["drop view public.recent;"],
  },
  "a view on such a view": {
    before: `create view newer as select external_id, created_at from users;
      create view latest as select max(created_at) as at from newer;`,
    says: /Columns of public.users that are timestamp become timestamptz/,
    remedy: ["drop view public.latest;", "drop view public.newer;"],
  },
  "a materialized view on one": {
    before: "create materialized view changed as select updated_at from organizations;",
    says: /public.changed reads it/,
    remedy: ["drop materialized view public.changed;"],
  },
  "a trigger on one": {
    before: `create function noted() returns trigger language plpgsql as 'begin return new; end';
      create trigger noted after update of joined_at on organization_members for each row execute function noted();`,
    says: /timestamptz, which these do not let/,
    remedy: ["drop trigger noted on public.organization_members;"],
  },
  "a policy on one": {
    before: `create policy "not too old" on users using (created_at > '2020-01-01');`,
    says: /timestamptz, which these do not let/,
    remedy: [`drop policy "not too old" on public.users;`],
  },
  "a column that is computed from one": {
    before: "alter table users add day date generated always as (created_at::date) stored;",
    says: /which is computed from it/,
    remedy: ["alter table public.users drop column day;"],
  },
  "an index on what is computed from one": {
    before: "create index by_day on users ((created_at::date));",
    says: /timestamptz, which these do not let/,
    remedy: ["drop index public.by_day;"],
  },
  "a function that reads one": {
    before: `create function newest() returns timestamp language sql
      begin atomic; select max(created_at) from users; end;`,
    says: /timestamptz, which these do not let/,
    remedy: ["drop function public.newest();"],
  },
  "an external_id twice": {
    before: `alter table users drop constraint users_external_id_key;
      insert into users (external_id, email) values ('user_2', 'a'), ('user_2', 'b');`,
    says: /1 external_id in public.users belong to several rows each/,
    remedy: ["select external_id, array_agg(id) from public.users group by 1 having count(*) > 1;"],
    besides: "delete from users where external_id = 'user_2';",
  },
  "an external_id that is empty, and one that is null": {
    before: `alter table organizations alter external_id drop not null;
      insert into organizations (external_id, name) values ('', 'A'), (null, 'B');`,
    says: /2 rows of public.organizations have no external_id/,
    remedy: ["select * from public.organizations where coalesce(external_id, '') = '';"],
    besides: "delete from organizations where coalesce(external_id, '') = '';",
  },
  "an email address that is null": {
    before: `alter table users alter email drop not null;
      insert into users (external_id, email) values ('user_2', null);`,
    says: /1 row of public.users without email/,
    remedy: ["update public.users set email = '' where email is null;"],
  },
  "a time that is null": {
    before: "update users set created_at = null;",
    says: /1 row of public.users without created_at/,
    remedy: ["update public.users set created_at = now() where created_at is null;"],
  },
  "a member without a role": {
    before: "update organization_members set role = null;",
    says: /1 row of public.organization_members without role/,
    remedy: ["update public.organization_members set role = 'member' where role is null;"],
  },
  "members whose keys are null": {
    before: "insert into organization_members (user_id) select id from users;",
    says: /1 row of public.organization_members name no organization or no user/,
    remedy: [
      "delete from public.organization_members where organization_id is null or user_id is null;",
    ],
  },
  "a membership twice": {
    before:
      `alter table organization_members drop constraint organization_members_organization_id_user_id_key;
      insert into organization_members (organization_id, user_id) select o.id, u.id from users u, organizations o;`,
    says: /1 membership of public.organization_members have several rows each/,
    remedy: [
      "select organization_id, user_id, array_agg(id) from public.organization_members group by 1, 2 having count(*) > 1;",
    ],
    besides:
      "delete from organization_members where id = (select id from organization_members limit 1);",
  },
  "members of nobody that is known": {
    before: `alter table organization_members drop constraint organization_members_user_id_fkey;
      update organization_members set user_id = gen_random_uuid();`,
    says: /1 row of public.organization_members have a user_id that public.users does not know/,
    remedy: [
      "select * from public.organization_members m where not exists (select from public.users where id = m.user_id);",
    ],
    besides: "delete from organization_members;",
  },
  "a status that Clerk does not have": {
    before: "update organization_members set status = 'invited';",
    says: /have a status that Clerk does not have \(invited\)/,
    remedy: [
      "alter table public.organization_members add app_status varchar; update public.organization_members set app_status " +
      "= status, status = 'inactive' where status not in ('active', 'inactive');",
    ],
  },
  "an address that is unique by a constraint": {
    before: "alter table users add constraint one_address unique (email);",
    says: /An email address is unique in public.users/,
    remedy: ["alter table public.users drop constraint one_address;"],
  },
  "an address that is unique by an index": {
    before: "create unique index one_in_lower_case on users (lower(email));",
    says: /An email address is unique in public.users/,
    remedy: ["drop index public.one_in_lower_case;"],
  },
  "a slug twice": {
    before: `alter table organizations drop constraint organizations_slug_key;
      insert into organizations (external_id, name, slug) values ('org_2', 'Engines', 'engines');`,
    says: /1 slug in public.organizations belong to several rows each/,
    remedy: [
      "select slug, array_agg(id) from public.organizations group by 1 having count(*) > 1;",
    ],
    besides: "update organizations set slug = null where external_id = 'org_2';",
  },
  "a slug that is empty": {
    before: "update organizations set slug = '';",
    says: /1 row of public.organizations have an empty slug/,
    remedy: ["update public.organizations set slug = null where slug = '';"],
  },
  "a users table that is something else": {
    before: `delete from organization_members;
      drop table users cascade; create table users (id text primary key, name text);`,
    says: /public.users is something else .* id is text, has no email, has no external_id/,
    remedy: [
      "alter table public.users rename to app_users; alter index public.users_pkey rename to app_users_pkey;",
    ],
  },
  "a table subscriptions as a Stripe starter has it": {
    before: `create type subscription_status as enum ('trialing', 'active', 'canceled');
      create table subscriptions (
        id text primary key, user_id uuid not null, status subscription_status, metadata jsonb, price_id text,
        quantity integer, cancel_at_period_end boolean, created timestamptz not null default now(),
        current_period_start timestamptz not null default now(), current_period_end timestamptz not null default now()
      );
      insert into subscriptions (id, user_id) values ('sub_1', gen_random_uuid());`,
    says:
      /public.subscriptions is something else .*id is text.*status is public.subscription_status/,
    remedy: [
      "alter table public.subscriptions rename to app_subscriptions; " +
      "alter index public.subscriptions_pkey rename to app_subscriptions_pkey;",
    ],
  },
  "an index that is named like one": {
    before: "create table visits (id int constraint user_sessions_pkey primary key);",
    says: /Things of yours have names that indexes of the sync's have/,
    remedy: ["alter index public.user_sessions_pkey rename to app_user_sessions_pkey;"],
  },
  "a view that is named like a table": {
    before: `create view user_sessions as select 1 as id;`,
    says: /public.user_sessions is something else .*: it is a view/,
    remedy: ["alter table public.user_sessions rename to app_user_sessions;"],
  },
  "a function that is named like an RPC": {
    before: "create function sync_row_counts(p_of text) returns int language sql as 'select 1';",
    says: /Functions have names that the sync's have/,
    remedy: ["alter function public.sync_row_counts(text) rename to app_sync_row_counts;"],
  },
  "a function that asks for a role, as the app's own": {
    before: "create function has_role(p_of text) returns boolean language sql as 'select true';",
    says: /Functions have names that the sync's have/,
    remedy: ["alter function public.has_role(text) rename to app_has_role;"],
  },
  "a type that is named like one": {
    before: "create type sync_outcome as enum ('fine');",
    says: /Types have names that the sync's have/,
    remedy: ["alter type public.sync_outcome rename to app_sync_outcome;"],
  },
  "a schema that is named like the private one": {
    before: "create schema clerk_sync;",
    says: /A schema clerk_sync is there/,
    remedy: ["drop schema clerk_sync cascade;"],
  },
  "an own column that must have a value": {
    before:
      "alter table users add column tier text not null default 'a'; alter table users alter tier drop default;",
    says: /Columns of yours in public.users must have a value and have no default/,
    remedy: ["alter table public.users alter column tier drop not null;"],
  },
  "a column that must have a value, which Clerk need not have": {
    before: "alter table users alter full_name set default ''; update users set full_name = ''; " +
      "alter table users alter full_name set not null;",
    says: /Columns of public.users must have a value, and Clerk need not have one/,
    remedy: ["alter table public.users alter column full_name drop not null;"],
  },
  "a column of the sync's that is computed": {
    before:
      "alter table users drop full_name; alter table users add full_name varchar generated always as (email) stored;",
    says: /Columns of public.users are computed, and the sync writes them/,
    remedy: ["alter table public.users alter column full_name drop expression;"],
  },
  "another primary key": {
    before: `alter table organization_members drop constraint organization_members_pkey;
      alter table organization_members add primary key (organization_id, user_id);`,
    says: /The primary key of public.organization_members is not id/,
    remedy: ["alter table public.organization_members drop constraint organization_members_pkey;"],
  },
  "an id twice": {
    before: `alter table organization_members drop constraint organization_members_pkey;
      insert into organizations (external_id, name) values ('org_2', 'Looms');
      insert into organization_members (id, organization_id, user_id)
      select m.id, o.id, m.user_id from organization_members m, organizations o where o.external_id = 'org_2';`,
    says: /1 id in public.organization_members belong to several rows each/,
    remedy: [
      "select id, count(*) from public.organization_members group by 1 having count(*) > 1 or id is null;",
    ],
    besides: "update organization_members set id = gen_random_uuid();",
  },
  "users that must be in another table, too": {
    before: `create table accounts (id uuid primary key); insert into accounts select id from users;
      alter table users add constraint is_an_account foreign key (id) references accounts (id);`,
    says: /Foreign keys of public.users ask for rows elsewhere/,
    remedy: ["alter table public.users drop constraint is_an_account;"],
  },
  "a table of somebody else's": {
    before: "alter table users owner to supabase_admin;",
    says: /public.users belongs to supabase_admin, so that postgres may not change it/,
    remedy: ["alter table public.users owner to postgres;"],
    isSuperusers: true,
  },
};

/** What is said without a change, as by `add --check`. */
const askedOf = (database: ReadDatabase) => database.ask(blockIn(PREFLIGHT, "preflight"));

async function refusalOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Leaves nothing but the guide's tables, and a row in each. */
async function reset(sql: Sql): Promise<void> {
  await sql.unsafe(`
    rollback;
    drop schema if exists clerk_sync cascade;
    drop schema public cascade;
    create schema public;
    grant usage on schema public to anon, authenticated, service_role;
    ${GUIDE} ${ROWS}
  `).simple();
}

Deno.test("the guide's tables are in nobody's way", async () => {
  await using database = await ownDatabase();
  await reset(database.sql);
  await using reading = readDatabase(database.url);
  const { obstacle, notices } = await askedOf(reading);
  assert.equal(obstacle, null);
  assert.deepEqual(notices.map((notice) => notice.split(" is ")[0]).sort(), [
    "public.organization_members",
    "public.organizations",
    "public.users",
  ]);
});

Deno.test("each obstacle is told with its remedy, and leaves the database as it was", async (test) => {
  await using database = await ownDatabase();
  await using reading = readDatabase(database.url);
  const { sql } = database;
  for (const [name, obstacle] of Object.entries(OBSTACLES)) {
    const { before, says, remedy, besides = "", isSuperusers } = obstacle;
    const run = async (statement: string) => {
      const by = (as: Sql) => as.unsafe(statement).simple();
      await (isSuperusers ? database.asSuperuser(by) : by(sql));
    };
    await test.step(name, async () => {
      await reset(sql);
      await run(before);
      const state = await databaseState(sql);

      const refusal = await refusalOf(sql.unsafe(PREFLIGHT).simple());
      assert.match(refusal, /^The sync can't be added yet, and nothing was changed\. One thing is/);
      assert.match(refusal, says);
      assert.deepEqual(await databaseState(sql), state);
      assert.equal((await askedOf(reading)).obstacle, refusal);

      for (const statement of remedy) {
        assert.ok(refusal.includes(statement), `${statement} is not in: ${refusal}`);
        await run(statement);
      }
      await sql.unsafe(besides).simple();
      await sql`begin`;
      for (const { text } of TABLES) await sql.unsafe(text).simple();
    });
  }
});

/** What leaves no room for others. */
const ALONE =
  /something else|somebody else|named like the private|primary key|an id twice|members of nobody/;

Deno.test("all obstacles together are told at once, and the CLI's push leaves the database as it was", async () => {
  await using database = await ownDatabase();
  const { sql, url } = database;
  await reset(sql);
  const together = Object.entries(OBSTACLES).filter(([name]) => !ALONE.test(name));
  for (const [, { before }] of together) await sql.unsafe(before).simple();
  const state = await databaseState(sql);

  using project = clento({ "supabase/config.toml": "" });
  add(project.root);
  const { success, stderr } = await push(project.root, url);
  assert.equal(success, false);
  await using reading = readDatabase(url);
  const { obstacle } = await askedOf(reading);
  assert.ok(stderr.includes(obstacle!), stderr);
  const told = Number(/(\d+) things are in the way/.exec(obstacle!)?.[1]);
  assert.equal(told, 22, obstacle!);
  assert.deepEqual(await databaseState(sql), state);
});

/** What a project may have in the guide's tables, and need not give up. */
const FORMS: Record<string, string> = {
  "lengths, text, and another default of the key":
    `alter table users alter email type text, alter full_name type varchar(255),
    alter id set default extensions.uuid_generate_v4();`,
  "keys that cascade, and one that is not validated": `alter table organization_members
    drop constraint organization_members_user_id_fkey, add foreign key (user_id) references users (id) on delete cascade,
    drop constraint organization_members_organization_id_fkey,
    add constraint of_an_organization foreign key (organization_id) references organizations (id) on delete cascade not valid;`,
  "times that are compared, and defaults in UTC":
    `alter table users alter created_at set default timezone('utc', now()),
    add check (updated_at >= created_at);`,
  "times that are indexed, one where it is null": `alter table users add deleted_at timestamp;
    create index on users (created_at desc) where deleted_at is null; create index on organizations (updated_at);`,
  "row level security with policies":
    `alter table users enable row level security, force row level security;
    create policy own on users for select using (external_id = auth.jwt() ->> 'sub');`,
  "a publication":
    "create publication everything for table users, organizations, organization_members;",
  "triggers on every change":
    `create function touch() returns trigger language plpgsql set search_path = '' as
    'begin new.updated_at := now(); return new; end';
    create trigger touch before update on users for each row execute function touch();`,
  "constraints that have our names": `alter table users drop constraint users_external_id_key,
    add constraint users_external_id_is_unique check (external_id like 'user%');`,
  "an index that does the same":
    `create unique index members_once on organization_members (user_id, organization_id);
    create index by_slug on organizations (lower(slug));`,
  "own columns that are computed and counted":
    `alter table users add number bigint generated always as identity,
    add initial text generated always as (left(email, 1)) stored;`,
  "a view that reads no time": "create view people as select id, email from users;",
  "statistics": "create statistics users_by (dependencies) on created_at, updated_at from users;",
  "no members": "drop table organization_members;",
  "rows that others refer to":
    "create table notes (user_id varchar references users (external_id));",
};

Deno.test("tables of other forms are taken over too, with their rows", async (test) => {
  await using database = await ownDatabase();
  const { sql } = database;
  for (const [name, before] of Object.entries(FORMS)) {
    await test.step(name, async () => {
      await reset(sql);
      await sql`begin`;
      await sql.unsafe(before).simple();
      const [user] = await sql`select id, external_id, email from users`;
      for (const { text } of TABLES) await sql.unsafe(text).simple();
      const [same] = await sql`
        select id, external_id, email, created_at > now() - interval '1 day' as fits from users`;
      assert.deepEqual(same, { ...user, fits: true });
      const types = await sql`
        select distinct format_type(atttypid, atttypmod) as type
        from pg_attribute
        where attrelid in ('users'::regclass, 'organizations'::regclass, 'organization_members'::regclass)
          and attname like '%_at'
      `;
      assert.deepEqual(types.map(({ type }) => type), ["timestamp with time zone"]);
    });
  }
});

Deno.test("the names and columns that are looked for are all that the migrations make", async () => {
  const { obstacles, columns } = await database(async (sql) => ({
    obstacles: await sql<{ name: string }[]>`
      select proname as name from pg_proc where pronamespace = 'public'::regnamespace
      union
      select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'i'
      union
      select typname from pg_type
      where typnamespace = 'public'::regnamespace and typrelid = 0 and typelem = 0
      union
      select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'c'
    `,
    columns: await sql<{ name: string; nullable: string[]; all: string[] }[]>`
      select
        c.relname as name,
        array_agg(a.attname::text order by a.attname) as all,
        array_agg(a.attname::text order by a.attname) filter (where not a.attnotnull and not a.atthasdef) as nullable
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace
        and c.relkind = 'r'
      group by c.relname
    `,
  }));
  const listed = new Set(
    ["c_functions", "c_indexes"].flatMap((list) => constant(list).split(/[{},\s]+/)),
  );
  const types = ["sync_outcome", "sync_difference"];
  const names = obstacles.map(({ name }) => name).filter((name) => LOOKED_AFTER.includes(name));
  assert.ok(names.length > 0);
  assert.deepEqual(names.filter((name) => !listed.has(name) && !types.includes(name)), []);
  const looked = JSON.parse(constant("c_columns"));
  const mayBeNull = JSON.parse(constant("c_nullable"));
  for (const { name, nullable, all } of columns) {
    assert.deepEqual(Object.keys(looked[name]).sort(), all, name);
    assert.deepEqual(mayBeNull[name].toSorted(), nullable, name);
  }
  assert.deepEqual(Object.keys(looked).sort(), columns.map(({ name }) => name).sort());
});

/** The text of one of the preflight's constants. */
function constant(name: string): string {
  return new RegExp(`${name} constant [^']*'([^']*(?:''[^']*)*)'`).exec(PREFLIGHT)![1]!;
}

/** Asks the stack's database, which has all migrations. */
async function database<T>(ask: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(stackEnv().DB_URL, { max: 1, onnotice: () => {} });
  return await ask(sql).finally(() => sql.end());
}
