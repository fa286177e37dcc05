import { mapLimited } from "../_clerk_sync/async.ts";
import type { ClerkApi } from "../_clerk_sync/clerk/api.ts";
import { askForMembership, askForOrganization, askForUser } from "../_clerk_sync/sync/ask.ts";
import { CLERK_CONCURRENCY, compare } from "../_clerk_sync/sync/compare.ts";
import type {
  StoredMembership,
  StoredSnapshot,
  SyncDatabase,
} from "../_clerk_sync/sync/database.ts";
import {
  type Element,
  type MembershipElement,
  membershipElement,
  type OrganizationElement,
  organizationElement,
  type SnapshotKind,
  type UserElement,
  userElement,
} from "../_clerk_sync/sync/elements.ts";
import { extraMembership, extraSnapshot, type Finding } from "../_clerk_sync/sync/finding.ts";

/** The two sides, and the clock. */
export interface Sides {
  clerk: ClerkApi;
  database: SyncDatabase;
  now: () => Date;
}

/** What differs. `isGone`: Clerk does not have the user or the organization that was asked for. */
export interface Comparison {
  findings: Finding[];
  isGone: boolean;
}

/** A user as Clerk has it now; null when it has none. */
export async function readUser({ clerk, now }: Sides, id: string): Promise<UserElement | null> {
  const at = now().toISOString();
  const user = await askForUser(clerk, id);
  return user && userElement(user, at);
}

/** An organization as Clerk has it now; null when it has none. */
export async function readOrganization(
  { clerk, now }: Sides,
  id: string,
): Promise<OrganizationElement | null> {
  const at = now().toISOString();
  const organization = await askForOrganization(clerk, id);
  return organization && organizationElement(organization, at);
}

/** Compares users with the rows here. */
export function compareUsers(sides: Sides, elements: UserElement[]): Promise<Finding[]> {
  return compare(sides.database, "user", elements, (id) => readUser(sides, id));
}

/** Compares organizations with the rows here. */
export function compareOrganizations(
  sides: Sides,
  elements: OrganizationElement[],
): Promise<Finding[]> {
  return compare(sides.database, "organization", elements, (id) => readOrganization(sides, id));
}

/** Memberships as Clerk has them, and those that live here. */
export interface BothMemberships {
  known: MembershipElement[];
  stored: StoredMembership[];
}

/**
 * Compares memberships that Clerk has with those that live here. One that is here alone is no proof that it ended, for it
 * may have been made meanwhile: Clerk is asked for that very pair.
 */
export async function compareMemberships(
  { clerk, database, now }: Sides,
  { known, stored }: BothMemberships,
): Promise<Finding[]> {
  const ask = async (organizationId: string, userId: string) => {
    const at = now().toISOString();
    const membership = await askForMembership(clerk, organizationId, userId);
    return { at, element: membership && membershipElement(membership, at) };
  };

  const elements = [...known];
  const pairs = new Set(elements.map(pairOf));
  const onlyHere = stored.filter((row) =>
    !pairs.has(`${row.organization_external_id}:${row.user_external_id}`)
  );

  const removed: Finding[] = [];
  await mapLimited(onlyHere, CLERK_CONCURRENCY, async (row) => {
    const { at, element } = await ask(row.organization_external_id, row.user_external_id);
    if (element) elements.push(element);
    else removed.push(extraMembership(row, at));
  });

  const byId = new Map(elements.map((element) => [element.p_external_id, element]));
  const differing = await compare(database, "membership", [...byId.values()], async (id) => {
    // Clerk's client reads no membership without its user.
    const { p_organization_external_id, p_user_external_id } = byId.get(id)!;
    return (await ask(p_organization_external_id, p_user_external_id!)).element;
  });
  return [...removed, ...differing];
}

/** Snapshots as Clerk has them, those that are open here, and how Clerk is asked for one alone. */
export interface BothSnapshots {
  known: Element[];
  stored: StoredSnapshot[];
  ask: (id: string) => Promise<Element | null>;
}

/** Compares snapshots that Clerk has with the rows here. Clerk is asked for each one that is open here alone. */
export async function compareSnapshots(
  { database, now }: Sides,
  kind: SnapshotKind,
  { known, stored, ask }: BothSnapshots,
): Promise<Finding[]> {
  const ids = new Set(known.map(({ p_external_id }) => p_external_id));
  const onlyHere = stored.filter(({ external_id }) => !ids.has(external_id));
  const elements = [...known];
  const removed: Finding[] = [];
  await mapLimited(onlyHere, CLERK_CONCURRENCY, async (row) => {
    const at = now().toISOString();
    const element = await ask(row.external_id);
    if (element) elements.push(element);
    else removed.push(extraSnapshot(kind, row, at));
  });
  return [...removed, ...await compare(database, kind, elements, ask)];
}

function pairOf(element: MembershipElement): string {
  return `${element.p_organization_external_id}:${element.p_user_external_id}`;
}
