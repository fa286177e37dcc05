import type { ClerkApi } from "../_clerk_sync/clerk/api.ts";

/**
 * Requests to Clerk that one call may cost: an organization of a thousand is read with some thirty, and what differs is asked
 * for one by one. Clerk allows a production instance a thousand in ten seconds, a development instance a hundred.
 */
export const CLERK_REQUEST_LIMIT = 200;

/** More has to be asked for than one call may cost. */
export class ClerkBudgetError extends Error {
  override name = "ClerkBudgetError";
}

/** Clerk for `requests` requests. The next one rejects with a ClerkBudgetError. */
export function withBudget(clerk: ClerkApi, requests: number): ClerkApi {
  let left = requests;
  const limited = <Arguments extends unknown[], Answer>(
    ask: (...args: Arguments) => Promise<Answer>,
    cost = 1,
  ) =>
  async (...args: Arguments) => {
    if (left < cost) throw new ClerkBudgetError();
    left -= cost;
    return await ask(...args);
  };

  return {
    instanceId: limited(clerk.instanceId),
    user: limited(clerk.user),
    organization: limited(clerk.organization),
    // Clerk's client counts the users with each page of them.
    users: limited(clerk.users, 2),
    usersById: limited(clerk.usersById, 2),
    organizations: limited(clerk.organizations),
    memberships: limited(clerk.memberships),
    membershipsOfUser: limited(clerk.membershipsOfUser),
    membershipsOfOrganization: limited(clerk.membershipsOfOrganization),
    membership: limited(clerk.membership),
  };
}
