/** The rows of each table as the RPCs would leave them: users by their events, the rest as a backfill writes it. */
import { filledIdSql, JOINED_AT, MEMBERS_OF_EACH } from "./filled_ids.ts";

/** Inserts one table's rows. */
export interface FilledTable {
  name: string;
  /** $1 and $2: numbers of the first user and of the last one; $3: when the first signed up; $4: milliseconds between two. */
  insert: string;
}

const PLACE = `ceil(i / ${MEMBERS_OF_EACH}.0)::int`;

/** Of each user, or of the first of each organization. */
const facts = (step: number) => `
  from generate_series($1::int, $2::int, ${step}) i
  cross join lateral (
    select date_trunc('milliseconds', $3::timestamptz + (i - $1::int) * $4::float8 * interval '1 millisecond')
  ) first (at)
  cross join lateral (
    select
      md5('user ' || i)::uuid as user_id,
      ${filledIdSql("user", "i")} as user_external_id,
      ${filledIdSql("event", "i")} as event_id,
      md5('organization ' || ${PLACE})::uuid as organization_id,
      ${filledIdSql("organization", PLACE)} as organization_external_id,
      ${filledIdSql("membership", "i")} as membership_external_id,
      i % ${MEMBERS_OF_EACH} = 1 as is_creator,
      at + interval '18 milliseconds' as changed_at,
      at + interval '40 milliseconds' as event_at,
      at + interval '300 milliseconds' as received_at
  ) fact`;

const OF_USERS = facts(1);
const OF_ORGANIZATIONS = facts(MEMBERS_OF_EACH);

/** A state that was read from Clerk's API. */
const READ_VERSION = "row(3, changed_at, changed_at, '')::clerk_sync.version";

export const FILLED_TABLES: readonly FilledTable[] = [
  {
    name: "public.users",
    insert: `
      insert into public.users (id, external_id, email, full_name, avatar_url, created_at, updated_at)
      select user_id, user_external_id, 'user' || i || '@example.com', 'User ' || i,
        'https://img.clerk.com/preview.png?size=144&seed=' || i, at, changed_at
      ${OF_USERS}`,
  },
  {
    name: "public.public_user_data",
    insert: `
      insert into public.public_user_data (id, external_id, email, full_name, avatar_url)
      select user_id, user_external_id, 'user' || i || '@example.com', 'User ' || i,
        'https://img.clerk.com/preview.png?size=144&seed=' || i
      ${OF_USERS}`,
  },
  {
    name: "clerk_sync.user_register",
    insert: `
      insert into clerk_sync.user_register (external_id, version)
      select user_external_id, row(3, changed_at, event_at, event_id)::clerk_sync.version
      ${OF_USERS}`,
  },
  {
    name: "clerk_sync.events",
    insert: `
      insert into clerk_sync.events (
        event_id, event_type, object_id, user_external_id, event_at, first_received_at, last_received_at, outcome,
        outcome_at, apply_us
      )
      select event_id, 'user.created', user_external_id, user_external_id, event_at, received_at, received_at, 'applied',
        received_at, 3000 + i % 4000
      ${OF_USERS}`,
  },
  {
    name: "public.organizations",
    insert: `
      insert into public.organizations (id, external_id, name, slug, logo_url, created_by, created_at, updated_at)
      select organization_id, organization_external_id, 'Organization ' || ${PLACE}, 'organization-' || ${PLACE},
        'https://img.clerk.com/preview.png?size=144&seed=o' || ${PLACE}, user_external_id, at, changed_at
      ${OF_ORGANIZATIONS}`,
  },
  {
    name: "clerk_sync.organization_register",
    insert: `
      insert into clerk_sync.organization_register (external_id, version, claimed_slug, creator_version)
      select organization_external_id, ${READ_VERSION}, 'organization-' || ${PLACE}, ${READ_VERSION}
      ${OF_ORGANIZATIONS}`,
  },
  {
    name: "public.organization_members",
    insert: `
      insert into public.organization_members (
        id, organization_id, user_id, role, joined_at, external_id, clerk_role, updated_at
      )
      select md5('membership ' || i)::uuid, organization_id, user_id,
        case when is_creator then 'owner' else 'member' end, '${JOINED_AT}', membership_external_id,
        case when is_creator then 'org:admin' else 'org:member' end, changed_at
      ${OF_USERS}`,
  },
  {
    name: "clerk_sync.membership_register",
    insert: `
      insert into clerk_sync.membership_register (
        external_id, organization_external_id, user_external_id, joined_at, version, clerk_role
      )
      select membership_external_id, organization_external_id, user_external_id, '${JOINED_AT}', ${READ_VERSION},
        case when is_creator then 'org:admin' else 'org:member' end
      ${OF_USERS}`,
  },
];
