import { membershipBody, organizationBody, userBody } from "../../scripts/converge/clerk/bodies.ts";
import type { Membership, Organization, User } from "../../scripts/converge/clerk/world.ts";
import { scramble } from "./generated_ids.ts";
import { type Template, template } from "./template.ts";

/** What differs between two users, or two organizations, beside how they look. */
export interface Identity {
  id: string;
  index: number;
  created_at: number;
  updated_at: number;
}

/** Of an organization, also its first member. */
export type OrganizationIdentity = Identity & { createdBy: string };

/** Of a membership, also whose and where. */
export interface MembershipIdentity extends Identity {
  user: Identity;
  organization: OrganizationIdentity;
}

/** Bodies as JSON texts. */
export interface GeneratedBodies {
  user(identity: Identity): string;
  organization(identity: OrganizationIdentity): string;
  membership(identity: MembershipIdentity, role: string): string;
}

// Marks; see template.ts. No number is part of another.
const USER = { id: "user_mark", number: 777_000_777, created_at: 1.11e12, updated_at: 1.22e12 };
const ORGANIZATION = {
  id: "org_mark",
  number: 888_000_888,
  created_at: 1.33e12,
  updated_at: 1.44e12,
};
const MEMBERSHIP = { id: "orgmem_mark", created_at: 1.55e12, updated_at: 1.66e12 };
const CREATOR = "creator_mark";

/** The bodies of bodies.ts, of some hundred looks in all, which the seed deals out. */
export function generatedBodies(seed: number): GeneratedBodies {
  const templates = new Map<string, Template>();
  const cached = (key: string, make: () => Template): Template => {
    const known = templates.get(key) ?? make();
    templates.set(key, known);
    return known;
  };
  const looksOf = ({ index }: Identity) => scramble(index, seed) % 200;
  return {
    user: (identity) => {
      const looks = looksOf(identity);
      const fill = cached(`user ${looks}`, () => template(userBody(userOf(looks)), USER_MARKS));
      return fill(userValues(identity));
    },
    organization: (identity) => {
      const body = () => template(organizationBody(organizationOf(), true), ORGANIZATION_MARKS);
      return cached("organization", body)(organizationValues(identity));
    },
    membership: (identity, role) => {
      const looks = looksOf(identity.user);
      const body = () =>
        template(membershipBody(membershipOf(looks, role), true), [
          ...USER_MARKS,
          ...ORGANIZATION_MARKS,
          ...Object.values(MEMBERSHIP),
        ]);
      return cached(`${role} ${looks}`, body)([
        ...userValues(identity.user),
        ...organizationValues(identity.organization),
        identity.id,
        identity.created_at,
        identity.updated_at,
      ]);
    },
  };
}

// The id of an address is its user's, without `user_`.
const USER_MARKS = [...Object.values(USER), "idn_mark"];
const ORGANIZATION_MARKS = [...Object.values(ORGANIZATION), CREATOR];

function userValues({ id, index, created_at, updated_at }: Identity) {
  return [id, index, created_at, updated_at, id.replace("user_", "idn_")];
}

function organizationValues(identity: OrganizationIdentity) {
  const { id, index, created_at, updated_at, createdBy } = identity;
  return [id, index, created_at, updated_at, createdBy];
}

/** One in 40 has no address, a few are banned; the others have a name, a username and one or two addresses, or less. */
function userOf(looks: number): User {
  const email = looks % 40 === 0 ? "none" : looks % 3 === 0 ? "only" : "second";
  const profile = {
    email,
    name: looks % 5,
    username: looks % 4 !== 0,
    banned: looks === 77,
    deprovisioned: looks === 78,
  } as const;
  return { ...USER, announced: "all", profile, deletedAt: null, barredAt: null };
}

function organizationOf(): Organization {
  return {
    ...ORGANIZATION,
    announced: "all",
    updatesNameCreator: true,
    membershipsNameCreator: true,
    createdBy: CREATOR,
    name: `Organization ${ORGANIZATION.number}`,
    slug: `organization-${ORGANIZATION.number}`,
    deletedAt: null,
  };
}

function membershipOf(looks: number, role: string): Membership {
  const [organization, user] = [organizationOf(), userOf(looks)];
  return { ...MEMBERSHIP, organization, user, role, isNamed: true, isRemoved: false };
}
