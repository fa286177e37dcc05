import { mapLimited } from "../_clerk_sync/async.ts";
import type { ClerkMembership, ClerkSubscriptionItem } from "../_clerk_sync/clerk/api.ts";
import { Organization } from "../_clerk_sync/clerk/organization.ts";
import {
  askForInvitation,
  askForMembership,
  askForSubscriptionItem,
  nullIfGone,
  nullIfNotEnabled,
} from "../_clerk_sync/sync/ask.ts";
import { CLERK_CONCURRENCY } from "../_clerk_sync/sync/compare.ts";
import { pagesOf } from "../_clerk_sync/sync/database.ts";
import {
  invitationElement,
  membershipElement,
  type OrganizationElement,
  organizationElement,
  subscriptionElement,
  type UserElement,
  userElement,
} from "../_clerk_sync/sync/elements.ts";
import { extraOrganization, extraUser, type Finding } from "../_clerk_sync/sync/finding.ts";
import {
  compareMemberships,
  compareOrganizations,
  compareSnapshots,
  compareUsers,
  type Comparison,
  readOrganization,
  readUser,
  type Sides,
} from "./compare_rows.ts";
import { assertAsked, isAlive, readAll, readStored } from "./read.ts";

/**
 * Compares a user, all memberships of the user, the organizations of these, where the instance has any, and what the user pays
 * for.
 */
export async function compareUser(sides: Sides, userId: string): Promise<Comparison> {
  const at = sides.now().toISOString();
  const user = await readUser(sides, userId);
  if (!user) {
    const isHere = await isAlive(sides.database, "user", userId, at);
    return { findings: isHere ? [extraUser(userId, at)] : [], isGone: true };
  }

  const findings = await allOf(
    compareUsers(sides, [user]),
    // An instance without organizations says nothing of those that are here.
    nullIfNotEnabled(compareBelonging(sides, userId, at)),
    nullIfNotEnabled(compareSubscription(sides, { kind: "users", id: userId })),
  );
  return { findings, isGone: false };
}

/** Compares the memberships of a user, and their organizations. */
async function compareBelonging(sides: Sides, userId: string, at: string): Promise<Finding[]> {
  const { clerk, database } = sides;
  const read = readAll((range) => clerk.membershipsOfUser(userId, range));
  const known = await nullIfGone(read) ?? [];
  assertAsked(known, ({ public_user_data }) => public_user_data?.user_id === userId);
  const memberships = known.map((membership) => membershipElement(membership, at));
  const organizations = await readOrganizations(sides, known, at);
  const stored = await readStored(database, { userId });
  return await allOf(
    compareOrganizations(sides, organizations),
    compareMemberships(sides, { known: memberships, stored }),
  );
}

/**
 * The organizations of which something may differ. A membership carries a snapshot of its organization: what equals the row
 * here needs no request of its own.
 */
async function readOrganizations(
  sides: Sides,
  memberships: ClerkMembership[],
  at: string,
): Promise<OrganizationElement[]> {
  const carried = memberships.map(({ organization }) => organization);
  const whole = carried.flatMap((organization) => {
    const { data } = Organization.safeParse(organization);
    return data?.updated_at ? [organizationElement(data, at)] : [];
  });
  const differing = await sides.database.compare("organization", whole);
  const wholeIds = new Set(whole.map(({ p_external_id }) => p_external_id));
  const ids = [
    ...differing.map(({ external_id }) => external_id),
    ...carried.map(({ id }) => id).filter((id) => !wholeIds.has(id)),
  ];
  const read = await mapLimited(ids, CLERK_CONCURRENCY, (id) => readOrganization(sides, id));
  return read.filter((element) => element !== null);
}

/** So many users can be asked for by their ids at once. */
const IDS_LIMIT = 100;

/** Compares an organization, all its memberships, the users of these, its invitations and what it pays for. */
export async function compareOrganization(
  sides: Sides,
  organizationId: string,
): Promise<Comparison> {
  const { clerk, database, now } = sides;
  const at = now().toISOString();
  const organization = await readOrganization(sides, organizationId);
  if (!organization) {
    const isHere = await isAlive(database, "organization", organizationId, at);
    return { findings: isHere ? [extraOrganization(organizationId, at)] : [], isGone: true };
  }

  const read = readAll((range) => clerk.membershipsOfOrganization(organizationId, range));
  const known = await nullIfGone(read) ?? [];
  assertAsked(known, ({ organization }) => organization.id === organizationId);
  const memberships = known.map((membership) => membershipElement(membership, at));
  const stored = await readStored(database, { organizationId });
  const users = await readUsers(sides, known);
  const findings = await allOf(
    compareOrganizations(sides, [organization]),
    compareUsers(sides, users),
    compareMemberships(sides, { known: memberships, stored }),
    compareInvitations(sides, organizationId),
    nullIfNotEnabled(compareSubscription(sides, { kind: "organizations", id: organizationId })),
  );
  return { findings, isGone: false };
}

/**
 * Compares what a user or an organization pays for. Where Clerk has no subscription, Billing may be off: nothing is known.
 */
async function compareSubscription(
  sides: Sides,
  { kind, id }: { kind: "users" | "organizations"; id: string },
): Promise<Finding[]> {
  const { clerk, database, now } = sides;
  const at = now().toISOString();
  const subscription = await nullIfGone(clerk.subscriptionOf(kind, id));
  if (!subscription) return [];

  const payer = kind === "users" ? { user_id: id } : { organization_id: id };
  const toElement = (item: ClerkSubscriptionItem, at: string) => {
    // Within its subscription an item does not name the payer.
    assertAsked([item.payer], (named) => (named?.user_id || named?.organization_id || id) === id);
    const element = subscriptionElement({ ...item, payer }, at);
    return { ...element, p_subscription_external_id: subscription.id };
  };
  return await compareSnapshots(sides, "subscription", {
    known: subscription.subscription_items.map((item) => toElement(item, at)),
    stored: await database.openSnapshots(
      "subscription",
      kind === "users" ? { userId: id } : { organizationId: id },
    ),
    ask: async (itemId) => {
      const at = now().toISOString();
      const item = await askForSubscriptionItem(clerk, itemId);
      return item && toElement(item, at);
    },
  });
}

/** Compares the invitations of an organization that are pending, in Clerk or here. */
async function compareInvitations(sides: Sides, organizationId: string): Promise<Finding[]> {
  const { clerk, database, now } = sides;
  const at = now().toISOString();
  const read = readAll((range) => clerk.pendingInvitations(organizationId, range));
  const pending = await nullIfGone(read) ?? [];
  assertAsked(pending, ({ organization_id }) => organization_id === organizationId);
  return await compareSnapshots(sides, "invitation", {
    known: pending.map((invitation) => invitationElement(invitation, at)),
    stored: await database.openSnapshots("invitation", { organizationId }),
    ask: async (id) => {
      const at = now().toISOString();
      const invitation = await askForInvitation(clerk, organizationId, id);
      return invitation && invitationElement(invitation, at);
    },
  });
}

async function readUsers(
  { clerk, now }: Sides,
  memberships: ClerkMembership[],
): Promise<UserElement[]> {
  const ids = [...new Set(memberships.flatMap((one) => one.public_user_data?.user_id ?? []))];
  const read = await mapLimited(pagesOf(ids, IDS_LIMIT), CLERK_CONCURRENCY, async (page) => {
    const at = now().toISOString();
    const users = await clerk.usersById(page);
    assertAsked(users, ({ id }) => page.includes(id));
    return users.map((user) => userElement(user, at));
  });
  return read.flat();
}

/** Compares one member of an organization: the membership and, while there is one, the user and the organization. */
export async function compareMember(
  sides: Sides,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<Comparison> {
  const { clerk, database, now } = sides;
  const at = now().toISOString();
  const membership = await askForMembership(clerk, organizationId, userId);
  const known = membership ? [membershipElement(membership, at)] : [];
  const [user, organization] = membership
    ? await Promise.all([readUser(sides, userId), readOrganization(sides, organizationId)])
    : [];

  const stored = await readStored(database, { userId, organizationId });
  const findings = await allOf(
    compareUsers(sides, user ? [user] : []),
    compareOrganizations(sides, organization ? [organization] : []),
    compareMemberships(sides, { known, stored }),
  );
  return { findings, isGone: false };
}

/** What several comparisons find, which are made at once. Null: one that could not be made. */
async function allOf(...comparisons: Promise<Finding[] | null>[]): Promise<Finding[]> {
  return (await Promise.all(comparisons)).flatMap((findings) => findings ?? []);
}
