import {
  type ClerkApi,
  ClerkApiError,
  type ClerkFailure,
  type ClerkInvitation,
  type ClerkMembership,
  type ClerkOrganization,
  type ClerkSubscriptionItem,
  type ClerkUser,
} from "../clerk/api.ts";

/** A user; null when Clerk has none with this id. */
export function askForUser(clerk: ClerkApi, id: string): Promise<ClerkUser | null> {
  return nullIfGone(clerk.user(id));
}

/** An organization; null when Clerk has none with this id. */
export function askForOrganization(clerk: ClerkApi, id: string): Promise<ClerkOrganization | null> {
  return nullIfGone(clerk.organization(id));
}

/** The membership of a pair; null when Clerk has none, or no such organization. */
export function askForMembership(
  clerk: ClerkApi,
  organizationId: string,
  userId: string,
): Promise<ClerkMembership | null> {
  return nullIfGone(clerk.membership(organizationId, userId));
}

/** A subscription item; null when Clerk has none with this id. Rejects with `not_enabled` where Billing is switched off. */
export async function askForSubscriptionItem(
  clerk: ClerkApi,
  id: string,
): Promise<ClerkSubscriptionItem | null> {
  const item = await nullIfGone(clerk.subscriptionItem(id));
  // Without Billing no item is found either, and that is no end of it: then its list says so.
  if (item === null) await clerk.subscriptionItems({ limit: 1, offset: 0 });
  return item;
}

/** An invitation; null when Clerk has none with this id in this organization. */
export function askForInvitation(
  clerk: ClerkApi,
  organizationId: string,
  id: string,
): Promise<ClerkInvitation | null> {
  return nullIfGone(clerk.invitation(organizationId, id));
}

/** Null where Clerk itself says that nothing has this id. Any other error stays one. */
export function nullIfGone<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  return nullFor("not_found", answer);
}

/** Null where the instance has the feature switched off that was asked about: nothing is known, which is no absence. */
export function nullIfNotEnabled<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  return nullFor("not_enabled", answer);
}

async function nullFor<Answer>(
  failure: ClerkFailure,
  answer: Promise<Answer>,
): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClerkApiError && error.failure === failure) return null;
    throw error;
  }
}
