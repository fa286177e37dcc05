import { filledIdSql, JOINED_AT, MEMBERS_OF_EACH } from "./fill.ts";

/** Scripts of pgbench that change one object each. They know how many :users there are. */
export interface Rivals {
  /** The RPC. */
  name: string;
  /** Calls it for an object that is there, as the webhook does. */
  ours: string;
  /** The same call of what writes the same rows without any rule, where that is there: see same_writes.sql. */
  sameWrites?: string;
}

/** How users are drawn. */
export const DRAWS = {
  /** Each as often as the other. */
  even: "\\set user random(1, :users)",
  /** By Zipf's law: the newest most often, the second newest half as often, the third a third. 1.001 is pgbench's least exponent. */
  zipf: "\\set user 1 + :users - random_zipfian(1, :users, 1.001)",
};

export type Draw = keyof typeof DRAWS;

/** The user's organization, and an event. */
const PICK = `
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
const CREATED = `'${JOINED_AT}'`;

const CALLS: { name: string; call: string }[] = [
  {
    name: "upsert_user",
    call: `${PICK}
      select public.upsert_user(${USER}, ${USER_FIELDS}, ${CREATED}, ${NOW}, ${EVENT}, 'user.updated', ${NOW});
    `,
  },
  {
    name: "upsert_org_with_owner",
    call: `${PICK}
      select public.upsert_org_with_owner(
        p_external_id => ${ORGANIZATION}, p_name => 'Some Organization', p_slug => ${slug()},
        p_logo_url => 'https://img.clerk.com/eyJ0eXBlIjoib3JnIn0', p_created_by => ${CREATOR}, p_with_owner => false,
        p_public_metadata => '{"tier":"gold"}', p_created_at => ${CREATED}, p_updated_at => ${NOW}, p_event_id => ${EVENT},
        p_event_type => 'organization.updated', p_event_at => ${NOW}
      );
    `,
  },
  {
    name: "set_membership",
    call: `${PICK}
      select public.set_membership(
        ${ORGANIZATION}, ${USER}, ${ROLE}, ${MEMBERSHIP}, ${CREATED}, ${NOW}, 'Some Organization', ${slug()},
        'https://img.clerk.com/eyJ0eXBlIjoib3JnIn0', ${CREATOR}, 'someone@example.com', 'Some One',
        'https://img.clerk.com/eyJ0eXBlIjoiZGVmYXVsdCJ9', 'someone', false, false, ${EVENT}, 'organizationMembership.updated', ${NOW}
      );
    `,
  },
  {
    name: "record_session",
    call: `${PICK}
      select public.record_session(
        'sess_' || :event, ${USER}, 'active', 'client_1', 'desktop', 'Chrome', 'Berlin', 'DE', ${NOW}, ${NOW}, ${NOW},
        ${NOW}, null, ${EVENT}, 'session.created', ${NOW}
      );
    `,
  },
  {
    name: "remove_membership",
    call: `${PICK}
      select public.remove_membership(
        p_organization_external_id => ${ORGANIZATION}, p_user_external_id => ${USER}, p_external_id => ${MEMBERSHIP},
        p_event_id => ${EVENT}, p_event_type => 'organizationMembership.deleted', p_event_at => ${NOW}
      );
    `,
  },
  {
    name: "delete_org",
    call: `${PICK}
      select public.delete_org(${ORGANIZATION}, ${EVENT}, 'organization.deleted', ${NOW});
    `,
  },
  {
    name: "delete_user",
    call: `${PICK}
      select public.delete_user(${USER}, ${EVENT}, 'user.deleted', ${NOW});
    `,
  },
  {
    name: "record_event",
    call: `${PICK}
      select public.record_event(${EVENT}, 'ignored', 'email.created', ${NOW}, 'ema_1');
    `,
  },
];

/** Of same_writes.sql, whose functions have the RPCs' names, in a schema of their own. */
export const BOUNDED = ["upsert_user", "upsert_org_with_owner", "set_membership"];

/** Each RPC's, with users drawn in a way. */
export function rivalsOf(draw: Draw): Rivals[] {
  return CALLS.map(({ name, call }) => {
    const ours = DRAWS[draw] + call;
    if (!BOUNDED.includes(name)) return { name, ours };
    return { name, ours, sameWrites: ours.replace(`public.${name}`, `same_writes.${name}`) };
  });
}

function slug(): string {
  return "'organization-' || :organization";
}
