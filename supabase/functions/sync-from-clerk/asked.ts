import * as z from "zod/mini";

/** What is to be synced: a user, an organization, or one user's membership in it. Neither: the caller. */
export interface Asked {
  userId: string | null;
  organizationId: string | null;
}

/** What is asked for, or the word for why that can't be told. */
export type AskedResult =
  | { ok: true; asked: Asked }
  | { ok: false; word: "invalid_request" | "invalid_id"; reason: string };

/** Strict: a name that is mistyped must not turn a request for someone into one for the caller. */
const Body = z.strictObject({
  clerkUserId: z.optional(z.unknown()),
  clerkOrganizationId: z.optional(z.unknown()),
});

/** Reads what the body of a POST asks for. None at all, and `{}`, ask for the caller. */
export function askedInBody(text: string): AskedResult {
  let json: unknown;
  try {
    json = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return { ok: false, word: "invalid_request", reason: "the body is not JSON" };
  }
  const body = Body.safeParse(json);
  if (!body.success) {
    const reason = body.error.issues[0]?.code ?? "the body is not valid";
    return { ok: false, word: "invalid_request", reason };
  }
  const { clerkUserId, clerkOrganizationId } = body.data;
  return askedFor(clerkUserId, clerkOrganizationId);
}

/** Reads what the query of a GET asks for. Other parameters are not looked at: supabase-js adds its own. */
export function askedInQuery(query: URLSearchParams): AskedResult {
  const users = query.getAll("clerkUserId");
  const organizations = query.getAll("clerkOrganizationId");
  if (users.length > 1 || organizations.length > 1) {
    return { ok: false, word: "invalid_request", reason: "a parameter is named twice" };
  }
  return askedFor(users[0], organizations[0]);
}

function askedFor(userId: unknown, organizationId: unknown): AskedResult {
  const user = z.optional(UserId).safeParse(userId);
  if (!user.success) return { ok: false, word: "invalid_id", reason: "clerkUserId" };
  const organization = z.optional(OrganizationId).safeParse(organizationId);
  if (!organization.success) {
    return { ok: false, word: "invalid_id", reason: "clerkOrganizationId" };
  }
  const asked = { userId: user.data ?? null, organizationId: organization.data ?? null };
  return { ok: true, asked };
}

/** Clerk's ids are some 32 characters. They become parts of a URL, and are nothing but letters and digits. */
export const UserId = z.string().check(z.regex(/^user_[A-Za-z0-9]{1,100}$/));

/** As `UserId`, of an organization. */
export const OrganizationId = z.string().check(z.regex(/^org_[A-Za-z0-9]{1,100}$/));
