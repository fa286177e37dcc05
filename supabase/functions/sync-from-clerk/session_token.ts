import { createClerkClient } from "@clerk/backend";
import { TokenVerificationError, TokenVerificationErrorReason } from "@clerk/backend/errors";
import { decodeJwt, verifyJwt } from "@clerk/backend/jwt";
import * as z from "zod/mini";
import { answerOf, ClerkApiError, type ClerkApiOptions } from "../_clerk_sync/clerk/api.ts";
import { OrganizationId, UserId } from "./asked.ts";

/** Who a token is of. */
export interface Session {
  userId: string;
  /** The active organization, and whether the user was an admin there when the token was made. */
  organization: { id: string; isAdmin: boolean } | null;
}

/** Why a token is not accepted: a word for the caller, a reason for the log. */
export type Verdict =
  | { kind: "session"; session: Session }
  | {
    kind: "refused";
    word: "expired_token" | "wrong_instance" | "pending_session" | "invalid_token";
    reason: string;
  };

/** Checks a session token. Rejects with a ClerkApiError when Clerk has to be asked for its key and does not answer. */
export type VerifySession = (token: string) => Promise<Verdict>;

/** Clerk's fit into a cookie. */
const TOKEN_LIMIT = 8_000;

/** What Supabase's own Auth names as the audience. */
const AUDIENCE = "authenticated";

/** A token that is made for a third one by a template says so in `aud`; session tokens have none of themselves. */
const Claims = z.looseObject({
  iss: z.url({ protocol: /^https?$/ }),
  sub: UserId,
  aud: z.optional(z.union([
    z.literal(AUDIENCE),
    z.array(z.string()).check(z.refine((names) => names.includes(AUDIENCE))),
  ])),
  azp: z.optional(z.string()),
  v: z.optional(z.number()),
  sts: z.optional(z.enum(["active", "pending"])),
});

/** What a token must say besides. Nothing is asked where a list is empty. */
export interface TokenOptions {
  /** Of `azp`: the origins of one's pages. */
  authorizedParties: string[];
  /** Of `iss`: the addresses of the instance's Frontend API. */
  issuers: string[];
}

/** https://clerk.com/docs/guides/sessions/session-tokens: version 2 leaves `org:` out of the role. */
const Organization2 = z.object({
  o: z.object({ id: OrganizationId, rol: z.optional(z.string()) }),
});
const Organization1 = z.object({ org_id: OrganizationId, org_role: z.optional(z.string()) });

/**
 * Accepts what the instance signed as a session token, in time. It is known by its key, and by its address where that is
 * told: the key that Clerk is asked by names no address. A pending session is none yet: Clerk takes it for signed out.
 */
export function createVerifySession(
  signingKey: SigningKey,
  { authorizedParties, issuers }: TokenOptions,
): VerifySession {
  return async (token) => {
    if (token.length > TOKEN_LIMIT) return refused("invalid_token", "too long");
    let payload: unknown;
    try {
      const { kid } = decodeJwt(token).header;
      const key = await signingKey(kid);
      if (!key) return refused("wrong_instance", TokenVerificationErrorReason.JWKKidMismatch);
      const wanted = { authorizedParties, issuer: issuers, headerType: "JWT" };
      payload = await verifyJwt(token, { key, ...wanted });
    } catch (error) {
      if (!(error instanceof TokenVerificationError)) throw error;
      return refused(wordOf(error.reason), error.reason);
    }

    const claims = Claims.safeParse(payload);
    if (!claims.success) {
      return refused("invalid_token", `claim ${claims.error.issues[0]?.path.join(".")}`);
    }
    if (claims.data.sts === "pending") return refused("pending_session", "sts is pending");
    return {
      kind: "session",
      session: { userId: claims.data.sub, organization: organizationOf(claims.data) },
    };
  };
}

function organizationOf(claims: z.infer<typeof Claims>): Session["organization"] {
  if (claims.v === 2) {
    const { data } = Organization2.safeParse(claims);
    return data ? { id: data.o.id, isAdmin: data.o.rol === "admin" } : null;
  }
  const { data } = Organization1.safeParse(claims);
  return data ? { id: data.org_id, isAdmin: isAdminRole(data.org_role) } : null;
}

/** Whether it is Clerk's key of the admin role; old instances have it without `org:`. */
export function isAdminRole(role: string | undefined): boolean {
  return role === "org:admin" || role === "admin";
}

function wordOf(reason: TokenVerificationErrorReason) {
  if (reason === TokenVerificationErrorReason.TokenExpired) return "expired_token";
  if (reason === TokenVerificationErrorReason.TokenInvalidSignature) return "wrong_instance";
  if (reason === TokenVerificationErrorReason.TokenInvalidIssuer) return "wrong_instance";
  return "invalid_token";
}

function refused(word: (Verdict & { kind: "refused" })["word"], reason: string): Verdict {
  return { kind: "refused", word, reason };
}

/** The public key of a Clerk instance with this id, as PEM or JWK; null when it has none. Rejects with a ClerkApiError. */
export type SigningKey = (kid: string) => Promise<string | JsonWebKey | null>;

/** As long as Clerk's own client keeps them. */
const KEPT_MS = 5 * 60_000;

/** Ids are anyone's to make up: tokens with unknown ones must not become requests to Clerk, which counts these. */
const PAUSE_MS = 10_000;

const Jwks = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal("RSA") })).check(z.minLength(1)),
});
type Keys = Map<string, JsonWebKey>;

/** The keys of an instance as Clerk's API has them, kept for some minutes. `now` is in milliseconds. */
export function createSigningKeys(
  { secretKey, apiUrl, timeoutMs }: ClerkApiOptions,
  now: () => number = Date.now,
): SigningKey {
  const clerk = createClerkClient({ secretKey, ...(apiUrl && { apiUrl }) });
  let kept: { keys: Keys; at: number } | null = null;
  let fetching: Promise<Keys> | null = null;

  // Requests that come meanwhile wait for the same answer.
  const fetchKeys = () =>
    fetching ??= answerOf(() => clerk.jwks.getJwks(), timeoutMs)
      .then((answer) => {
        const keys = parseKeys(answer);
        kept = { keys, at: now() };
        return keys;
      })
      .finally(() => fetching = null);

  return async (kid) => {
    const age = kept ? now() - kept.at : Infinity;
    const known = age < KEPT_MS ? kept?.keys.get(kid) : undefined;
    if (known) return known;
    if (age < PAUSE_MS) return null;
    return (await fetchKeys()).get(kid) ?? null;
  };
}

function parseKeys(answer: unknown): Keys {
  const jwks = Jwks.safeParse(answer);
  if (!jwks.success) throw new ClerkApiError("invalid_answer", "signing keys");
  return new Map(jwks.data.keys.map((key) => [key.kid, key]));
}
