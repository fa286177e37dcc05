import sampleMembership from "../../simulate/samples/membership.json" with { type: "json" };
import sampleOrganization from "../../simulate/samples/organization.json" with { type: "json" };
import sampleSession from "../../simulate/samples/session.json" with { type: "json" };
import sampleUser from "../../simulate/samples/user.json" with { type: "json" };
import type { Role } from "./commands.ts";
import type {
  Membership,
  MembershipBody,
  Organization,
  OrganizationBody,
  PublicUserData,
  Session,
  SessionBody,
  User,
  UserBody,
} from "./world.ts";

/** What the sync has no use for is in a body too: that of the samples, without what a body may leave out. */
const USER_REST = { ...sampleUser, external_accounts: [] };
const { created_by: _creator, ...ORGANIZATION_REST } = sampleOrganization;
const { public_user_data: _user, ...MEMBERSHIP_REST } = sampleMembership;

const DAY_MS = 86_400_000;
const IMAGE = "https://img.clerk.com/preview.png?seed=";

/** First and last name by choice: both, one of them, none. */
const NAMES: [first: string | null, last: string | null][] = [
  ["Ada", "Lovelace"],
  ["Grace", null],
  [null, "Hopper"],
  [null, null],
  ["Mary", "Somerville"],
];

/** A user's snapshot, complete as the Backend API and user.* events have it. */
export function userBody(user: User): UserBody {
  const { profile, id, created_at, updated_at } = user;
  const [first_name, last_name] = namesOf(user);
  const addresses = addressesOf(user);
  const primary = profile.email === "second" ? addresses[1] : addresses[0];
  return {
    ...USER_REST,
    object: "user",
    id,
    primary_email_address_id: primary?.id ?? null,
    email_addresses: addresses,
    first_name,
    last_name,
    username: usernameOf(user),
    image_url: imageOf(user),
    banned: profile.banned,
    deprovisioned: profile.deprovisioned,
    public_metadata: metadataOf(profile.name),
    created_at,
    updated_at,
  };
}

/** An organization's snapshot, with or without its creator. */
export function organizationBody(
  organization: Organization,
  namesCreator: boolean,
): OrganizationBody {
  const { id, name, slug, createdBy, created_at, updated_at } = organization;
  return {
    ...ORGANIZATION_REST,
    object: "organization",
    id,
    name,
    slug,
    image_url: `${IMAGE}${encodeURIComponent(name)}`,
    ...(namesCreator && createdBy && { created_by: createdBy }),
    public_metadata: metadataOf(name.length),
    created_at,
    updated_at,
  };
}

/** A membership's snapshot with those of its organization and its user as of now. */
export function membershipBody(membership: Membership, namesUser: boolean): MembershipBody {
  const { id, role, organization, user, created_at, updated_at } = membership;
  return {
    ...MEMBERSHIP_REST,
    object: "organization_membership",
    id,
    role,
    organization: organizationBody(organization, organization.membershipsNameCreator),
    ...(namesUser && { public_user_data: publicUserData(user) }),
    created_at,
    updated_at,
  };
}

/** A session's snapshot, with or without who signed in as the user. */
export function sessionBody(session: Session, namesActor: boolean): SessionBody {
  const { id, user, actor, status, created_at, updated_at } = session;
  return {
    ...sampleSession,
    object: "session",
    id,
    user_id: user.id,
    client_id: id.replace("sess_", "client_"),
    actor: namesActor && actor ? { iss: "https://dashboard.clerk.com", sub: actor } : null,
    status,
    last_active_at: updated_at,
    expire_at: created_at + 7 * DAY_MS,
    abandon_at: created_at + 30 * DAY_MS,
    created_at,
    updated_at,
  } as SessionBody;
}

/** What is paid for, by choice, and from when to when: long over, or for longer than anybody tests; the default plan has no end. */
const OFFERS = [
  { plan: planOf("pro"), period_start: Date.UTC(2026, 1), period_end: Date.UTC(2100, 1) },
  { plan: planOf("team"), period_start: Date.UTC(2026, 1), period_end: Date.UTC(2100, 0) },
  { plan: planOf("solo"), period_start: Date.UTC(2026, 0), period_end: Date.UTC(2100, 0) },
  { plan: planOf("past"), period_start: Date.UTC(2025, 0), period_end: Date.UTC(2025, 1) },
  { plan: planOf("free_org"), period_start: Date.UTC(2026, 2), period_end: null },
  { plan: null, period_start: Date.UTC(2026, 2), period_end: Date.UTC(2100, 2) },
];

function planOf(slug: string) {
  return { id: `cplan_${slug}`, slug, name: `Plan ${slug}`, amount: 2000, currency: "USD" };
}

/** What changes of a subscription item. */
export function itemState(offer: number, status: string) {
  const seats = { quantity: offer === 0 ? null : offer };
  return { ...OFFERS[offer % OFFERS.length]!, status, is_free_trial: offer === 1, seats };
}

/** The snapshot of a subscription item that is new, as events of its own have it. */
export function subscriptionItemBody(id: string, payer: User | Organization, now: number) {
  const [user_id, organization_id] = "profile" in payer ? [payer.id, ""] : ["", payer.id];
  return {
    object: "subscription_item" as const,
    id,
    interval: "month",
    ...itemState(0, "upcoming"),
    payer: { object: "commerce_payer", user_id, organization_id },
    subscription_id: payer.id.replace(/^[a-z]+/, "csub") as string | null,
    created_at: now,
    updated_at: now,
  };
}

/** What Clerk sends of a subscription item. */
export type SubscriptionItemBody = ReturnType<typeof subscriptionItemBody>;

/** The snapshot of a subscription, with all items of its payer, which don't say so themselves. */
export function subscriptionBody(all: SubscriptionItemBody[]) {
  const { subscription_id, payer } = all[0]!;
  const items = all.map((item) => ({ ...item, payer: null, subscription_id: null }));
  return { object: "commerce_subscription" as const, id: subscription_id!, payer, items };
}

/** What Clerk sends of a subscription. */
export type SubscriptionBody = ReturnType<typeof subscriptionBody>;

/** The snapshot of a pending invitation. */
export function invitationBody(
  id: string,
  organization_id: string,
  role: Role,
  inviter_id: string | null,
  now: number,
) {
  return {
    object: "organization_invitation" as const,
    id,
    organization_id,
    email_address: `${id}@example.com`,
    role,
    status: "pending" as "pending" | "accepted" | "revoked",
    inviter_id,
    user_id: null as string | null,
    url: `https://accounts.example.com/accept?ticket=${id}`,
    expires_at: now + 30 * DAY_MS,
    created_at: now,
    updated_at: now,
  };
}

/** What Clerk sends of an invitation. */
export type InvitationBody = ReturnType<typeof invitationBody>;

function publicUserData(user: User): PublicUserData {
  const [first_name, last_name] = namesOf(user);
  const addresses = addressesOf(user);
  const primary = user.profile.email === "second" ? addresses[1] : addresses[0];
  return {
    user_id: user.id,
    first_name,
    last_name,
    profile_image_url: imageOf(user),
    image_url: imageOf(user),
    has_image: false,
    // Whatever the user signs in with: without an address that is no address.
    identifier: primary?.email_address ?? usernameOf(user) ?? "+15555550100",
    username: usernameOf(user),
    banned: user.profile.banned,
    deprovisioned: user.profile.deprovisioned,
  };
}

function namesOf({ profile }: User): [string | null, string | null] {
  return NAMES[profile.name % NAMES.length]!;
}

function usernameOf({ profile, number }: User): string | null {
  return profile.username ? `user${number}_${profile.name}` : null;
}

function imageOf({ profile, number }: User): string {
  return `${IMAGE}${number}-${profile.name}`;
}

function metadataOf(choice: number): Record<string, unknown> {
  return choice % 2 === 0 ? {} : { tier: choice, tags: ["a", "b"], nested: { ok: true } };
}

function addressesOf({ id, profile, number, created_at }: User) {
  if (profile.email === "none") return [];
  const count = profile.email === "only" ? 1 : 2;
  return Array.from({ length: count }, (_, index) => ({
    ...sampleUser.email_addresses[1]!,
    id: `${id.replace("user_", "idn_")}_${index}`,
    email_address: `user${number}.${profile.name}.${index}@example.com`,
    created_at,
    updated_at: created_at,
  }));
}
