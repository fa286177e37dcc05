/** Clento: an app that has the guide's tables, with rows, and things of its own hung on them. */
import { dirname, join } from "node:path";
import type { Sql } from "postgres";
import type { ClerkInstance } from "../clerk_api/instance.ts";
import { generatedInstance } from "../clerk_api/generated_instance.ts";

const REPOSITORY = join(import.meta.dirname!, "..", "..");
const GUIDE = Deno.readTextFileSync(join(REPOSITORY, "tests", "support", "guide_tables.sql"));

/** The files of the project, by path. */
export const FILES: Record<string, string> = {
  "supabase/config.toml": `# Clento's own.
project_id = "clento"

[api]
port = 54321
schemas = ["public"] # and nothing else

[db]
major_version = 17

[functions.hello]   # ours since 2024
verify_jwt = false
`,
  "supabase/functions/.env.example": `# Clento's own.
RESEND_API_KEY=
LOG_LEVEL=warn
`,
  "supabase/functions/hello/index.ts": `Deno.serve(() => new Response("hello"));\n`,
  "supabase/migrations/20260101000000_guide_tables.sql": GUIDE,
  "supabase/migrations/20260301000000_app.sql": `
    alter table users add column stripe_customer_id text;
    alter table organizations add column seats integer not null default 5;
    create table projects (
      id uuid primary key default gen_random_uuid(),
      organization_id uuid not null references organizations (id) on delete cascade,
      owner_id uuid references users (id),
      name text not null
    );
    create table invoices (
      id bigint generated always as identity primary key,
      organization_id uuid not null references organizations (id),
      cents integer not null
    );
    create table seats (
      member_id uuid primary key references organization_members (id) on delete cascade,
      desk text not null
    );
    alter table projects enable row level security;
    create function touch() returns trigger language plpgsql set search_path = public as $$
    begin
      new.updated_at := now();
      return new;
    end $$;
    create trigger touch before update of seats on organizations for each row execute function touch();
    create view members_of as
    select o.name as organization, u.email, m.role
    from organization_members m
    join organizations o on o.id = m.organization_id
    join users u on u.id = m.user_id;
    revoke all on members_of from anon, authenticated;
  `,
};

/** Its project in a temporary folder, which goes when it is disposed of. */
export function clento(files: Record<string, string> = FILES): Disposable & { root: string } {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "clento-" }));
  // As root a server runs as another user, who has to get through.
  Deno.chmodSync(root, 0o711);
  for (const [path, text] of Object.entries(files)) put(root, path, text);
  return { root, [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }) };
}

/** Writes a file of a project. */
export function put(root: string, path: string, text: string): void {
  Deno.mkdirSync(dirname(join(root, path)), { recursive: true });
  Deno.writeTextFileSync(join(root, path), text);
}

/** All files of a project, by path. */
export function filesOf(root: string, below = ""): Record<string, string> {
  const entries = [...Deno.readDirSync(join(root, below))].flatMap(({ name, isDirectory }) => {
    const path = below ? `${below}/${name}` : name;
    if (isDirectory) return Object.entries(filesOf(root, path));
    return [[path, Deno.readTextFileSync(join(root, path))]];
  });
  return Object.fromEntries(entries.sort());
}

const SIZES = { users: 3000, organizations: 300, memberships: 6000 };

/** Clento's people, as Clerk has them. */
export const CLERK: ClerkInstance = generatedInstance({ ...SIZES, seed: 7 });

/** Fills the guide's tables as Clento's old handler left them: Clerk's ids, and some values that are no longer Clerk's. */
export async function fill(sql: Sql): Promise<void> {
  const all = { limit: 10_000, offset: 0, isAscending: true };
  const parse = (texts: string[]) => texts.map((text) => JSON.parse(text));
  const users = parse(CLERK.users({ ...all, after: null, ids: null })).map((user, index) => ({
    external_id: user.id,
    email: user.email_addresses[0]?.email_address ?? "",
    full_name: index % 10 === 0 ? "An old name" : `${user.first_name} ${user.last_name}`,
    stripe_customer_id: `cus_${index}`,
  }));
  const organizations = parse(CLERK.organizations(all).items).map((one, index) => ({
    external_id: one.id,
    name: one.name,
    slug: one.slug,
    plan: index % 3 === 0 ? "pro" : "free",
    timezone: index % 2 === 0 ? "Europe/Berlin" : "UTC",
    seats: index,
  }));
  const members = parse(CLERK.memberships({ ...all, organizationId: null, userIds: null }).items)
    .map((one) => ({
      organization: one.organization.id,
      user: one.public_user_data.user_id,
      role: one.role.replace("org:", ""),
    }));
  await sql`insert into users ${sql(users)}`;
  await sql`insert into organizations ${sql(organizations)}`;
  await sql`
    insert into organization_members (organization_id, user_id, role)
    select o.id, u.id, m.role
    from jsonb_to_recordset(${sql.json(members)}) m (organization text, "user" text, role text)
    join organizations o on o.external_id = m.organization
    join users u on u.external_id = m.user
  `;
  await sql`
    insert into projects (organization_id, owner_id, name)
    select o.id, (select id from users order by external_id limit 1), 'Project of ' || o.name
    from organizations o
  `;
  await sql`insert into invoices (organization_id, cents) select id, 100 from organizations`;
  await sql`insert into seats (member_id, desk) select id, 'desk' from organization_members`;
}

/** What of Clento's must be the same whatever is done: ids, own columns, what Clerk does not know, what refers to it. */
export async function keepsakes(sql: Sql): Promise<Record<string, unknown>> {
  const [row] = await sql`
    select
      (select count(*)::int from users) as users,
      (select count(*)::int from organizations) as organizations,
      (select count(*)::int from organization_members) as members,
      (select md5(string_agg(concat_ws('|', id, external_id, stripe_customer_id), ',' order by id)) from users) as user_ids,
      (
        select md5(string_agg(concat_ws('|', id, external_id, plan, timezone, seats), ',' order by id)) from organizations
      ) as organization_ids,
      (select md5(string_agg(concat_ws('|', id, organization_id, user_id), ',' order by id)) from organization_members)
        as member_ids,
      (select md5(string_agg(p::text, ',' order by p.id)) from projects p) as projects,
      (select md5(string_agg(i::text, ',' order by i.id)) from invoices i) as invoices,
      (select md5(string_agg(s::text, ',' order by s.member_id)) from seats s) as seats,
      (select count(*)::int from members_of) as seen_by_the_view,
      (
        select array_agg(conrelid::regclass || ' ' || pg_get_constraintdef(oid) order by 1)
        from pg_constraint
        where contype = 'f' and conrelid in ('projects'::regclass, 'invoices'::regclass, 'seats'::regclass)
      ) as foreign_keys
  `;
  return row!;
}
