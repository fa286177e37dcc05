import { askForMembership, askForOrganization, askForUser } from "../_clerk_sync/sync/ask.ts";
import {
  membershipElement,
  organizationElement,
  userElement,
} from "../_clerk_sync/sync/elements.ts";
import { compareMemberships } from "./compare_memberships.ts";
import { compareOrganizations, compareUsers } from "./compare_parents.ts";
import type { Comparison, Sides } from "./comparison.ts";
import { readStored } from "./read_all.ts";

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
    ? await Promise.all([
      askForUser(clerk, userId),
      askForOrganization(clerk, organizationId),
    ])
    : [];

  const stored = await readStored(database, { userId, organizationId });
  const findings = await Promise.all([
    compareUsers(sides, user ? [userElement(user, at)] : []),
    compareOrganizations(sides, organization ? [organizationElement(organization, at)] : []),
    compareMemberships(sides, { known, stored }),
  ]);
  return { findings: findings.flat(), isGone: false };
}
