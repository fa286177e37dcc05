import {
  type ClerkApi,
  ClerkApiError,
  type ClerkMembership,
  type ClerkOrganization,
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

/** Null where Clerk itself says that nothing has this id. Any other error stays one. */
export async function nullIfGone<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClerkApiError && error.failure === "not_found") return null;
    throw error;
  }
}
