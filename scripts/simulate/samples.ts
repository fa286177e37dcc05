import { BILLING } from "./billing_samples.ts";
import membership from "./samples/membership.json" with { type: "json" };
import organization from "./samples/organization.json" with { type: "json" };
import session from "./samples/session.json" with { type: "json" };
import user from "./samples/user.json" with { type: "json" };

/** A webhook body as Clerk sends it. Times are milliseconds. */
export interface ClerkEvent {
  type: string;
  object: string;
  data: Record<string, unknown>;
  timestamp: number;
  instance_id: string;
  event_attributes: { http_request: { client_ip: string; user_agent: string } };
}

/** So many seconds after the story's beginning, in ms. */
const at = (seconds: number) => user.created_at + seconds * 1_000;

/** The user after adding a phone number, a username and metadata. */
const renamedUser = {
  ...user,
  primary_phone_number_id: "idn_3A9gB7hNq4ZsVx1TcKd8WmPf5Ly",
  username: "ada",
  public_metadata: { department: "engineering" },
  phone_numbers: [{
    object: "phone_number",
    id: "idn_3A9gB7hNq4ZsVx1TcKd8WmPf5Ly",
    phone_number: "+12025550143",
    reserved: false,
    reserved_for_second_factor: false,
    default_second_factor: false,
    backup_codes: null,
    verification: {
      status: "verified",
      strategy: "phone_code",
      attempts: 1,
      expire_at: at(601),
    },
    linked_to: [],
    created_at: at(0) + 300,
    updated_at: at(1) - 10,
  }],
  updated_at: at(1),
};

const newImage = "https://img.clerk.com/preview.png?size=144&seed=engine-company&initials=AE";

/** The organization under another name, with a picture and metadata. */
const renamedOrganization = {
  ...organization,
  name: "Analytical Engine Company",
  slug: "analytical-engine-company",
  image_url: newImage,
  logo_url: newImage,
  has_image: true,
  members_count: 2,
  public_metadata: { industry: "computing" },
  updated_at: at(6),
};

const admin = { ...membership, organization };
/** The same person, who is no longer an administrator. */
const member = {
  ...membership,
  role: "org:member",
  role_name: "Member",
  permissions: ["org:sys_memberships:read"],
  organization: { ...organization, members_count: 2 },
  updated_at: at(5),
};

/** The sign-in as of a time; `seen` is when it was active last. */
const signIn = (status: string, seen: number) => ({
  ...session,
  status,
  last_active_at: seen,
  user: { ...renamedUser, last_sign_in_at: session.created_at, updated_at: at(3) + 14 },
  updated_at: seen,
});

const BROWSER = {
  client_ip: "203.0.113.7",
  user_agent:
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) " +
    "Chrome/144.0.0.0 Safari/537.36",
};

/** By Clerk's Backend API, and not by somebody's browser. */
const SERVER = { client_ip: "", user_agent: "" };

function event<Type extends string, Data>(
  type: Type,
  data: Data,
  timestamp: number,
  http_request: typeof BROWSER = BROWSER,
) {
  return {
    data,
    event_attributes: { http_request },
    instance_id: "ins_3A1mKq0ZbT7xWcJ9dLhRv5YsN2e",
    object: "event",
    timestamp,
    type,
  };
}

/** Each of these as an event, by type. */
function eventsOf<Told extends Record<string, { updated_at: number }>>(told: Told) {
  const events = Object.entries(told)
    .map(([type, data]) => [type, event(type, data, data.updated_at + 9)]);
  return Object.fromEntries(events) as {
    [T in keyof Told & string]: ReturnType<typeof event<T, Told[T]>>;
  };
}

/**
 * One story, in the order in which it happens: Ada signs up, founds an organization, pays for it, invites, hands its
 * administration over, leaves, and in the end the organization and her account are deleted. The same ids run through all of it.
 */
export const SAMPLES = {
  "user.created": event("user.created", user, user.updated_at + 18),
  "user.updated": event("user.updated", renamedUser, at(1) + 5),
  "organization.created": event(
    "organization.created",
    organization,
    organization.updated_at + 16,
  ),
  "organizationMembership.created": event(
    "organizationMembership.created",
    admin,
    membership.updated_at + 17,
  ),
  "session.pending": event("session.pending", {
    ...signIn("pending", at(3) + 9),
    last_active_organization_id: null,
    latest_activity: null,
  }, at(3) + 21),
  "session.created": event("session.created", signIn("active", at(4)), at(4) + 9),
  ...eventsOf(BILLING),
  "organizationMembership.updated": event(
    "organizationMembership.updated",
    member,
    at(5) + 11,
  ),
  "organization.updated": event("organization.updated", renamedOrganization, at(6) + 8),
  "organizationMembership.deleted": event("organizationMembership.deleted", {
    ...member,
    organization: { ...renamedOrganization, members_count: 1 },
  }, at(7)),
  "session.ended": event("session.ended", signIn("ended", at(8)), at(8) + 7),
  "session.removed": event("session.removed", signIn("removed", at(9)), at(9) + 7),
  "session.revoked": event("session.revoked", signIn("revoked", at(10)), at(10) + 7, SERVER),
  "organization.deleted": event(
    "organization.deleted",
    {
      object: "organization",
      id: organization.id,
      slug: renamedOrganization.slug,
      deleted: true,
    },
    at(11),
    SERVER,
  ),
  "user.deleted": event("user.deleted", { object: "user", id: user.id, deleted: true }, at(12)),
} satisfies Record<string, ClerkEvent>;

/** An event type that has a sample body. */
export type SampleType = keyof typeof SAMPLES;

/** Every type that has a sample, in story order. */
export const SAMPLE_TYPES = Object.keys(SAMPLES) as SampleType[];

/** What is told where nothing else is asked for: the ten events of the webhook guide, a plan that is paid for, an invitation. */
export const STORY_TYPES = SAMPLE_TYPES.filter((type) =>
  /^(user|organization|organizationMembership)\.|^(session|organizationInvitation)\.created$/
    .test(type) || type === "subscriptionItem.active"
);

/** Narrows a string to a type that has a sample. */
export function isSampleType(type: string): type is SampleType {
  return Object.hasOwn(SAMPLES, type);
}
