import type { ClerkMembership } from "../_clerk_sync/clerk/api.ts";
import { Organization } from "../_clerk_sync/clerk/organization.ts";
import { mapLimited } from "../_clerk_sync/map_limited.ts";
import {
  askForOrganization,
  askForUser,
  nullIfGone,
  nullIfNotEnabled,
} from "../_clerk_sync/sync/ask.ts";
import { CLERK_CONCURRENCY } from "../_clerk_sync/sync/compare.ts";
import {
  membershipElement,
  type OrganizationElement,
  organizationElement,
  userElement,
} from "../_clerk_sync/sync/elements.ts";
import { extraUser, type Finding } from "../_clerk_sync/sync/finding.ts";
import { isAlive } from "../_clerk_sync/sync/is_alive.ts";
import { assertAsked } from "./assert_asked.ts";
import { compareMemberships } from "./compare_memberships.ts";
import { compareOrganizations, compareUsers } from "./compare_parents.ts";
import type { Comparison, Sides } from "./comparison.ts";
import { readAll, readStored } from "./read_all.ts";

/** Compares a user, all memberships of the user, and the organizations of these, where the instance has any. */
export async function compareUser(sides: Sides, userId: string): Promise<Comparison> {
  const { clerk, database, now } = sides;
  const at = now().toISOString();
  const user = await askForUser(clerk, userId);
  if (!user) {
    const isHere = await isAlive(database, "user", userId, at);
    return { findings: isHere ? [extraUser(userId, at)] : [], isGone: true };
  }

  const findings = await Promise.all([
    compareUsers(sides, [userElement(user, at)]),
    // An instance without organizations says nothing of those that are here.
    nullIfNotEnabled(compareBelonging(sides, userId, at)),
  ]);
  return { findings: findings.flatMap((some) => some ?? []), isGone: false };
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
  const findings = await Promise.all([
    compareOrganizations(sides, organizations),
    compareMemberships(sides, { known: memberships, stored }),
  ]);
  return findings.flat();
}

/**
 * The organizations of which something may differ. A membership carries a snapshot of its organization: what equals the row
 * here needs no request of its own.
 */
async function readOrganizations(
  { clerk, database, now }: Sides,
  memberships: ClerkMembership[],
  at: string,
): Promise<OrganizationElement[]> {
  const carried = memberships.map(({ organization }) => organization);
  const whole = carried.flatMap((organization) => {
    const { data } = Organization.safeParse(organization);
    return data?.updated_at ? [organizationElement(data, at)] : [];
  });
  const differing = await database.compare("organization", whole);
  const wholeIds = new Set(whole.map(({ p_external_id }) => p_external_id));
  const ids = [
    ...differing.map(({ external_id }) => external_id),
    ...carried.map(({ id }) => id).filter((id) => !wholeIds.has(id)),
  ];
  const read = await mapLimited(ids, CLERK_CONCURRENCY, async (id) => {
    const askedAt = now().toISOString();
    const organization = await askForOrganization(clerk, id);
    return organization && organizationElement(organization, askedAt);
  });
  return read.filter((element) => element !== null);
}
