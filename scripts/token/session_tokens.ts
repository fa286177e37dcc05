import {
  calculateJwkThumbprint,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from "jose";

/** Whose token it is, and what it says. */
export interface Session {
  /** `user_…` */
  sub: string;
  /** 2 is Clerk's form since April 2025. */
  version?: 1 | 2;
  /** The active organization. */
  orgId?: string;
  /** The role there, as Clerk's API names it: `org:admin`. */
  orgRole?: string;
  orgSlug?: string;
  /** `pending`: signed in, but with a task left. Clerk takes it for signed out. */
  sts?: "active" | "pending";
  sid?: string;
  azp?: string;
  /** Minutes since the first and the second factor; -1 for none. */
  fva?: [number, number];
  /** Seconds from now; negative for a token that is over. Clerk's live for 60. */
  expiresIn?: number;
  /** Other claims, or other values of those above. */
  claims?: Record<string, unknown>;
}

/** An instance's key, and what it signs. */
export interface SessionTokens {
  kid: string;
  issuer: string;
  /** The body of /v1/jwks and /.well-known/jwks.json. */
  jwks: { keys: JWK[] };
  /** The public key, as CLERK_JWT_KEY takes it. */
  pem: string;
  sign(session: Session): Promise<string>;
}

/** How an instance signs. */
export interface SessionTokensOptions {
  /** The instance's Frontend API, `https://….clerk.accounts.dev`. */
  issuer: string;
  /** From `createSigningKey`. */
  key: JWK;
  /** The name of the key; by default its thumbprint. Clerk takes the instance's id. */
  kid?: string;
  now?: () => number;
}

const ALG = "RS256";

/** Makes an RS256 key pair: 2048 bits, the only size that Clerk's client reads as PEM. */
export async function createSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALG, { modulusLength: 2048, extractable: true });
  return await exportJWK(privateKey);
}

/** Signs session tokens as Clerk does, https://clerk.com/docs/guides/sessions/session-tokens. */
export async function createSessionTokens(options: SessionTokensOptions): Promise<SessionTokens> {
  const { issuer, key, now = Date.now } = options;
  const { kty, n, e } = key;
  const publicJwk = { kty, n, e } as JWK;
  const kid = options.kid ?? await calculateJwkThumbprint(publicJwk);
  const privateKey = await importJWK(key, ALG);
  const publicKey = await importJWK(publicJwk, ALG, { extractable: true });
  return {
    kid,
    issuer,
    jwks: { keys: [{ ...publicJwk, use: "sig", alg: ALG, kid }] },
    pem: await exportSPKI(publicKey as CryptoKey),
    sign: (session) =>
      new SignJWT(claimsOf(session, issuer, Math.floor(now() / 1000)))
        .setProtectedHeader({ alg: ALG, kid, typ: "JWT" })
        .sign(privateKey),
  };
}

function claimsOf(session: Session, iss: string, iat: number): JWTPayload {
  const { sub, version = 2, sid = "sess_local", expiresIn = 60, fva = [0, -1] } = session;
  const isV2 = version === 2;
  return {
    iss,
    sub,
    sid,
    // As the Supabase integration of Clerk adds it.
    role: "authenticated",
    iat,
    nbf: iat - 10,
    exp: iat + expiresIn,
    fva,
    ...(session.azp && { azp: session.azp }),
    ...(isV2 && { v: 2, jti: crypto.randomUUID().replaceAll("-", "") }),
    ...((isV2 || session.sts) && { sts: session.sts ?? "active" }),
    ...(session.orgId && (isV2 ? organizationV2(session) : organizationV1(session))),
    ...session.claims,
  };
}

/** Version 2 leaves `org:` out of the role. */
function organizationV2({ orgId, orgRole = "org:member", orgSlug }: Session) {
  const rol = orgRole.replace(/^org:/, "");
  return { o: { id: orgId, rol, ...(orgSlug && { slg: orgSlug }) } };
}

function organizationV1({ orgId, orgRole = "org:member", orgSlug }: Session) {
  return {
    org_id: orgId,
    org_role: orgRole,
    ...(orgSlug && { org_slug: orgSlug }),
    org_permissions: [],
  };
}

/** A private key as one word, which goes through dotenv and a shell. */
export function encodeSigningKey(key: JWK): string {
  return btoa(JSON.stringify(key));
}

/** Signs session tokens that a running stack accepts in Clerk's place, by what it wrote down of its issuer. */
export function stackTokens(
  env: { CLERK_ISSUER: string; CLERK_SIGNING_KEY: string },
): Promise<SessionTokens> {
  const key = JSON.parse(atob(env.CLERK_SIGNING_KEY));
  return createSessionTokens({ issuer: env.CLERK_ISSUER, key });
}
