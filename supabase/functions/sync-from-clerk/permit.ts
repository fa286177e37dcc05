import type { ClerkApi } from "../_clerk_sync/clerk/api.ts";
import { askForMembership } from "../_clerk_sync/sync/ask.ts";
import type { Asked } from "./asked.ts";
import type { Caller } from "./caller.ts";
import { isAdminRole } from "./session_token.ts";

/** What is compared and repaired: a user with all memberships and organizations, an organization with all members, or one. */
export type Scope =
  | { kind: "user"; userId: string }
  | { kind: "organization"; organizationId: string }
  | { kind: "member"; organizationId: string; userId: string };

/** What a caller may have of what is asked for, as far as it is known without asking Clerk. */
export type Claim =
  | { kind: "granted"; scope: Scope }
  /** Granted if Clerk, too, says that the caller is an admin there; `isMember`: and the other one a member. */
  | {
    kind: "admin";
    scope: Scope;
    organizationId: string;
    adminId: string;
    memberId: string | null;
  }
  | { kind: "forbidden" }
  | { kind: "nothing_asked" };

/** Judges by what the caller claims to be. Everyone may sync themself, an admin their organization, the secret key anyone. */
export function claim(caller: Caller, { userId, organizationId }: Asked): Claim {
  if (caller.kind === "secret") {
    const scope = scopeOf(userId, organizationId);
    return scope ? { kind: "granted", scope } : { kind: "nothing_asked" };
  }
  const { userId: callerId, organization: active } = caller.session;
  if (!organizationId && !userId) {
    return { kind: "granted", scope: { kind: "user", userId: callerId } };
  }
  if (userId === callerId) return { kind: "granted", scope: scopeOf(userId, organizationId)! };

  if (!active?.isAdmin || (organizationId ?? active.id) !== active.id) return { kind: "forbidden" };
  return {
    kind: "admin",
    scope: scopeOf(userId, active.id)!,
    organizationId: active.id,
    adminId: callerId,
    // Who asks for an organization's member names the organization; a bare id may be anyone's.
    memberId: organizationId ? null : userId,
  };
}

/** Asks Clerk whether an admin still is one: a token tells what was so up to a minute ago. */
export async function isConfirmed(
  { organizationId, adminId, memberId }: Claim & { kind: "admin" },
  clerk: ClerkApi,
): Promise<boolean> {
  const admin = await askForMembership(clerk, organizationId, adminId);
  if (!isAdminRole(admin?.role)) return false;
  return memberId === null || await askForMembership(clerk, organizationId, memberId) !== null;
}

function scopeOf(userId: string | null, organizationId: string | null): Scope | null {
  if (userId && organizationId) return { kind: "member", organizationId, userId };
  if (userId) return { kind: "user", userId };
  return organizationId ? { kind: "organization", organizationId } : null;
}
