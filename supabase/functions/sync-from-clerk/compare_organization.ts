import type { ClerkMembership } from "../_clerk_sync/clerk/api.ts";
import { mapLimited } from "../_clerk_sync/map_limited.ts";
import { askForOrganization, nullIfGone } from "../_clerk_sync/sync/ask.ts";
import { CLERK_CONCURRENCY } from "../_clerk_sync/sync/compare.ts";
import {
  membershipElement,
  organizationElement,
  type UserElement,
  userElement,
} from "../_clerk_sync/sync/elements.ts";
import { extraOrganization } from "../_clerk_sync/sync/finding.ts";
import { isAlive } from "../_clerk_sync/sync/is_alive.ts";
import { pagesOf } from "../_clerk_sync/sync/pages.ts";
import { assertAsked } from "./assert_asked.ts";
import { compareMemberships } from "./compare_memberships.ts";
import { compareOrganizations, compareUsers } from "./compare_parents.ts";
import type { Comparison, Sides } from "./comparison.ts";
import { readAll, readStored } from "./read_all.ts";

/** So many users can be asked for by their ids at once. */
const IDS_LIMIT = 100;

/** Compares an organization, all its memberships, and the users of these. */
export async function compareOrganization(
  sides: Sides,
  organizationId: string,
): Promise<Comparison> {
  const { clerk, database, now } = sides;
  const at = now().toISOString();
  const organization = await askForOrganization(clerk, organizationId);
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
  const findings = await Promise.all([
    compareOrganizations(sides, [organizationElement(organization, at)]),
    compareUsers(sides, users),
    compareMemberships(sides, { known: memberships, stored }),
  ]);
  return { findings: findings.flat(), isGone: false };
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
