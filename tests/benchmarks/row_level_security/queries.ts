/** The same question, asked through row level security and by hand. Both are prepared statements. */
export interface Comparison {
  name: string;
  /** As the signed-in user, whom the claims name. */
  throughPolicies: string;
  /** As service_role, for whom there are no policies; $1 is the user's Clerk id. */
  byHand: string;
  /** By hand again, each row asked whether the user may see it: no policy can do less. Where the limit is out of reach. */
  rowByRow?: string;
  /** How many times as long as by hand it may take, at most. */
  limit?: number;
}

const MY_ORGANIZATIONS = `
  select organization_id
  from public.organization_members
  where user_id = (select id from public.users where external_id = $1 and deleted_at is null and not banned)
    and status = 'active'`;

/** In the form in which PostgREST embeds one table in another. */
const embedded = (condition: string) => `
  select o.id, o.name, coalesce(members.members, '[]') as members
  from public.organizations o
  left join lateral (
    select json_agg(member)::jsonb as members
    from (
      select m.role, row_to_json(person.*)::jsonb as person
      from public.organization_members m
      left join lateral (
        select u.full_name, u.email
        from public.public_user_data u
        where u.id = m.user_id
      ) person on true
      where m.organization_id = o.id
    ) member
  ) members on true
  where ${condition}`;

const joined = (condition: string) => `
  select o.id, o.name, m.role, u.full_name, u.email
  from public.organizations o
  join public.organization_members m on m.organization_id = o.id
  join public.public_user_data u on u.id = m.user_id
  where ${condition}`;

const MEMBERS_OF_ONE = `
  select m.role, u.*
  from public.organization_members m
  join public.public_user_data u on u.id = m.user_id
  where m.organization_id = `;

const ONE_OF_MINE = `(
    select min(organization_id::text)::uuid from (${MY_ORGANIZATIONS}) mine
  )`;

/** What an app asks most. */
export const COMPARISONS: Comparison[] = [
  {
    name: "my organizations with their members, joined",
    throughPolicies: asJson(joined("true")),
    byHand: asJson(joined(`o.id in (${MY_ORGANIZATIONS})`)),
    limit: 1.5,
  },
  {
    name: "the same, embedded as PostgREST does",
    throughPolicies: asJson(embedded("true")),
    byHand: asJson(embedded(`o.id in (${MY_ORGANIZATIONS})`)),
  },
  {
    name: "my organizations",
    throughPolicies: asJson("select id, name, plan from public.organizations"),
    byHand: asJson(
      `select id, name, plan from public.organizations where id in (${MY_ORGANIZATIONS})`,
    ),
  },
  {
    name: "all my colleagues",
    throughPolicies: asJson("select * from public.public_user_data"),
    byHand: asJson(`
      select *
      from public.public_user_data
      where id in (
        select user_id
        from public.organization_members
        where status = 'active' and organization_id in (${MY_ORGANIZATIONS})
      )`),
    limit: 1.5,
  },
  {
    name: "the members of one organization",
    throughPolicies: asJson(
      `${MEMBERS_OF_ONE} (select min(id::text)::uuid from public.my_organization_ids() id)`,
    ),
    byHand: asJson(MEMBERS_OF_ONE + ONE_OF_MINE),
    // What is in an `or` is no join to the planner, as in a policy.
    rowByRow: asJson(`${MEMBERS_OF_ONE} ${ONE_OF_MINE}
      and m.organization_id = any (array(${MY_ORGANIZATIONS}))
      and (
        u.external_id = $1
        or u.id in (
          select user_id
          from public.organization_members
          where status = 'active' and organization_id = any (array(${MY_ORGANIZATIONS}))
        )
      )`),
    limit: 1.3,
  },
  {
    name: "the timezone of the organization whose admin I am",
    throughPolicies: `
      update public.organizations
      set timezone = 'Europe/Rome'
      where id = (select min(id::text)::uuid from public.my_organization_ids('{owner,admin}') id)
      returning json_build_array(timezone) as body`,
    byHand: `
      update public.organizations
      set timezone = 'Europe/Rome'
      where id = (
        select min(organization_id::text)::uuid
        from (${MY_ORGANIZATIONS} and role in ('owner', 'admin')) mine
      )
      returning json_build_array(timezone) as body`,
  },
];

/** What a user's invoices cost by the two policies of invoices.sql. */
export const PERMISSION = {
  name: "invoices of the active organization",
  without: asJson("select * from public.invoices"),
  with: asJson("select * from public.permitted_invoices"),
};

/** The rows of tasks.sql that a user may see. */
export const TASKS = {
  name: "the tasks of my organization, of a million",
  throughPolicies: asJson("select * from public.tasks"),
  // After `in`, the server may read them all: it expects ten organizations of a user.
  byHand: asJson(
    `select * from public.tasks where organization_id = any (array(${MY_ORGANIZATIONS}))`,
  ),
};

/** One row travels, as from PostgREST: what is compared is the server's work. */
function asJson(query: string): string {
  return `select coalesce(json_agg(answer), '[]') as body from (${query}) answer`;
}
