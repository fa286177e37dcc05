import { askForOrganization, askForUser } from "../_clerk_sync/sync/ask.ts";
import { compare } from "../_clerk_sync/sync/compare.ts";
import {
  type OrganizationElement,
  organizationElement,
  type UserElement,
  userElement,
} from "../_clerk_sync/sync/elements.ts";
import type { Finding } from "../_clerk_sync/sync/finding.ts";
import type { Sides } from "./comparison.ts";

/** Compares users with the rows here. */
export function compareUsers(
  { clerk, database, now }: Sides,
  elements: UserElement[],
): Promise<Finding[]> {
  return compare(database, "user", elements, async (id) => {
    const at = now().toISOString();
    const user = await askForUser(clerk, id);
    return user && userElement(user, at);
  });
}

/** Compares organizations with the rows here. */
export function compareOrganizations(
  { clerk, database, now }: Sides,
  elements: OrganizationElement[],
): Promise<Finding[]> {
  return compare(database, "organization", elements, async (id) => {
    const at = now().toISOString();
    const organization = await askForOrganization(clerk, id);
    return organization && organizationElement(organization, at);
  });
}
