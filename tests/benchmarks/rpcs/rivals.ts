import { filledIdSql, JOINED_AT, MEMBERS_OF_EACH } from "./fill.ts";

/** Scripts of pgbench that change one object each. They know how many :users there are. */
export interface Rivals {
  /** The RPC. */
  name: string;
  /** Calls it for an object that is there, as the webhook does. */
  ours: string;
  /** The least that SQL can do: insert … on conflict of the columns that the RPC leaves in its table. */
  bare: string;
  /** Ours with the least function in the RPC's place: see least.sql. */
  least?: string | undefined;
}

/** A random user, the user's organization, and an event. */
const PICK = `
\\set user random(1, :users)
\\set organization 1 + (:user - 1) / ${MEMBERS_OF_EACH}
\\set event random(1, 9000000000000000000)
`;

const USER = filledIdSql("user", ":user");
const ORGANIZATION = filledIdSql("organization", ":organization");
const MEMBERSHIP = filledIdSql("membership", ":user");
const CREATOR = filledIdSql("user", `1 + (:organization - 1) * ${MEMBERS_OF_EACH}`);
const NOW = "clock_timestamp()";

/** Svix's ids are KSUIDs: they begin with the second, so that new ones sort behind all others. */
const EVENT = `'msg_' || to_hex(cast(date_part('epoch', ${NOW}) as bigint)) || :event`;

// pgbench takes a colon with a name after it for a variable, in quotes too: no org:member here, but Clerk's older key.
const ROLE = "'admin'";

const USER_FIELDS =
  `'someone@example.com', 'Some One', 'https://img.clerk.com/eyJ0eXBlIjoiZGVmYXVsdCJ9', 'someone', false, false, '{"plan":"pro"}'`;
const ORGANIZATION_FIELDS =
  `'Some Organization', 'https://img.clerk.com/eyJ0eXBlIjoib3JnIn0', '{"tier":"gold"}'`;
const CREATED = `'${JOINED_AT}'`;

const MEASURED: Rivals[] = [
  {
    name: "upsert_user",
    ours: `${PICK}
      select public.upsert_user(${USER}, ${USER_FIELDS}, ${CREATED}, ${NOW}, ${EVENT}, 'user.updated', ${NOW});
    `,
    bare: upsert("public.users", "external_id", {
      external_id: USER,
      "email, full_name, avatar_url, username, banned, deprovisioned, public_metadata": USER_FIELDS,
      created_at: CREATED,
      updated_at: NOW,
      deleted_at: "null",
    }),
  },
  {
    name: "upsert_org_with_owner",
    ours: `${PICK}
      select public.upsert_org_with_owner(
        p_external_id => ${ORGANIZATION}, p_name => 'Some Organization', p_slug => ${slug()},
        p_logo_url => 'https://img.clerk.com/eyJ0eXBlIjoib3JnIn0', p_created_by => ${CREATOR}, p_with_owner => false,
        p_public_metadata => '{"tier":"gold"}', p_created_at => ${CREATED}, p_updated_at => ${NOW}, p_event_id => ${EVENT},
        p_event_type => 'organization.updated', p_event_at => ${NOW}
      );
    `,
    bare: upsert("public.organizations", "external_id", {
      external_id: ORGANIZATION,
      "name, logo_url, public_metadata": ORGANIZATION_FIELDS,
      slug: slug(),
      created_by: CREATOR,
      created_at: CREATED,
      updated_at: NOW,
      deleted_at: "null",
    }),
  },
  {
    name: "set_membership",
    ours: `${PICK}
      select public.set_membership(
        ${ORGANIZATION}, ${USER}, ${ROLE}, ${MEMBERSHIP}, ${CREATED}, ${NOW}, 'Some Organization', ${slug()},
        'https://img.clerk.com/eyJ0eXBlIjoib3JnIn0', ${CREATOR}, 'someone@example.com', 'Some One',
        'https://img.clerk.com/eyJ0eXBlIjoiZGVmYXVsdCJ9', 'someone', false, false, ${EVENT}, 'organizationMembership.updated', ${NOW}
      );
    `,
    bare: upsert("public.organization_members", "organization_id, user_id", {
      "organization_id, user_id": `
        (select id from public.organizations where external_id = ${ORGANIZATION}),
        (select id from public.users where external_id = ${USER})
      `,
      external_id: MEMBERSHIP,
      "clerk_role, role, status": `${ROLE}, 'admin', 'active'`,
      joined_at: CREATED,
      updated_at: NOW,
    }),
  },
  {
    name: "record_session",
    ours: `${PICK}
      select public.record_session(
        'sess_' || :event, ${USER}, 'active', 'client_1', 'desktop', 'Chrome', 'Berlin', 'DE', ${NOW}, ${NOW}, ${NOW},
        ${NOW}, null, ${EVENT}, 'session.created', ${NOW}
      );
    `,
    bare: upsert("public.user_sessions", "external_id", {
      external_id: "'sess_' || :event",
      user_external_id: USER,
      "status, client_id, device, browser, city, country":
        "'active', 'client_1', 'desktop', 'Chrome', 'Berlin', 'DE'",
      "last_active_at, expire_at, created_at, updated_at": `${NOW}, ${NOW}, ${NOW}, ${NOW}`,
    }),
  },
  {
    name: "remove_membership",
    ours: `${PICK}
      select public.remove_membership(
        p_organization_external_id => ${ORGANIZATION}, p_user_external_id => ${USER}, p_external_id => ${MEMBERSHIP},
        p_event_id => ${EVENT}, p_event_type => 'organizationMembership.deleted', p_event_at => ${NOW}
      );
    `,
    bare: upsert("clerk_sync.membership_register", "external_id", {
      external_id: MEMBERSHIP,
      organization_external_id: ORGANIZATION,
      user_external_id: USER,
      joined_at: CREATED,
      deleted_at: NOW,
    }),
  },
  {
    name: "delete_org",
    ours: `${PICK}
      select public.delete_org(${ORGANIZATION}, ${EVENT}, 'organization.deleted', ${NOW});
    `,
    bare: upsert("public.organizations", "external_id", {
      external_id: ORGANIZATION,
      name: "'Some Organization'",
      deleted_at: NOW,
    }),
  },
  {
    name: "delete_user",
    ours: `${PICK}
      select public.delete_user(${USER}, ${EVENT}, 'user.deleted', ${NOW});
    `,
    bare: upsert("public.users", "external_id", {
      external_id: USER,
      email: "'someone@example.com'",
      deleted_at: NOW,
    }),
  },
  {
    name: "record_event",
    ours: `${PICK}
      select public.record_event(${EVENT}, 'ignored', 'email.created', ${NOW}, 'ema_1');
    `,
    bare: upsert("clerk_sync.events", "event_id", {
      event_id: EVENT,
      "event_type, outcome, object_id": "'email.created', 'ignored', 'ema_1'",
      event_at: NOW,
    }),
  },
];

/** Of least.sql, whose functions have the RPCs' names, in a schema of their own. */
const LEAST = ["upsert_user", "upsert_org_with_owner", "set_membership"];

/** Each RPC's. */
export const RIVALS: Rivals[] = MEASURED.map((rivals) =>
  LEAST.includes(rivals.name)
    ? { ...rivals, least: rivals.ours.replace(`public.${rivals.name}`, `least.${rivals.name}`) }
    : rivals
);

function slug(): string {
  return "'organization-' || :organization";
}

/** A bare upsert of one row; a key may name several columns, its value then as many expressions. */
function upsert(table: string, conflict: string, values: Record<string, string>): string {
  const columns = Object.keys(values).flatMap((names) => names.split(", "));
  const changed = columns.filter((name) => !conflict.split(", ").includes(name));
  return `${PICK}
    insert into ${table} (${columns.join(", ")})
    values (${Object.values(values).join(", ")})
    on conflict (${conflict}) do update
    set ${changed.map((name) => `${name} = excluded.${name}`).join(", ")};
  `;
}
