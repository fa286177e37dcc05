import { createClerkClient } from "@clerk/backend";
import * as z from "zod/mini";
import type { ClerkApiOptions } from "../_clerk_sync/clerk/api.ts";
import { classify, ClerkApiError } from "../_clerk_sync/clerk/api_error.ts";

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
    fetching ??= fetchInTime(() => clerk.jwks.getJwks(), timeoutMs)
      .then((keys) => {
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

async function fetchInTime(ask: () => Promise<unknown>, timeoutMs: number): Promise<Keys> {
  const tooLate = Promise.withResolvers<never>();
  const error = new ClerkApiError("unavailable", "no signing keys in time");
  const timer = setTimeout(() => tooLate.reject(error), timeoutMs);
  try {
    return parseKeys(await Promise.race([ask(), tooLate.promise]));
  } catch (error) {
    throw error instanceof ClerkApiError ? error : classify(error);
  } finally {
    clearTimeout(timer);
  }
}

function parseKeys(answer: unknown): Keys {
  const jwks = Jwks.safeParse(answer);
  if (!jwks.success) throw new ClerkApiError("invalid_answer", "signing keys");
  return new Map(jwks.data.keys.map((key) => [key.kid, key]));
}
