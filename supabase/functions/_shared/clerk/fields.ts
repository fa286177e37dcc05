import * as z from "zod/mini";

/** 9999-12-31T23:59:59.999Z: later years have no ISO form that PostgreSQL reads. */
const LAST_MS = 253_402_300_799_999;

/** Below this a time is in seconds: as milliseconds it would lie before March 1973. */
const SECONDS_BELOW = 1e11;

/** A Clerk id, as `user_…`. Clerk's are some 30 characters long. */
export const ClerkId = z.string().check(z.minLength(1), z.maxLength(255));

/** A time as Clerk sends it: integer milliseconds since 1970 (or, in an envelope, seconds). */
export const Milliseconds = z.int().check(z.gte(0), z.lte(LAST_MS));

/** Deeper JSON overflows the stack of those who write it again or store it. Clerk's 8 kB seldom hold ten levels. */
const METADATA_DEPTH = 500;

/** Public metadata: any JSON object, of at most 500 levels. */
export const Metadata = z.record(z.string(), z.unknown()).check(
  z.refine((metadata) => isNestedWithin(metadata, METADATA_DEPTH), "too deep"),
);

/** Milliseconds since 1970 as an ISO 8601 time; null for none. */
export function toIsoTime(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : new Date(ms).toISOString();
}

/**
 * The envelope's `timestamp` as an ISO 8601 time; null for none. Real traffic has milliseconds; Clerk's published
 * examples, which the Dashboard's "Send Example" delivers, have seconds.
 */
export function toEventTime(timestamp: number | null | undefined): string | null {
  if (timestamp === null || timestamp === undefined) return null;
  return toIsoTime(timestamp < SECONDS_BELOW ? timestamp * 1000 : timestamp);
}

/** First and last name in one; null when there is neither. */
export function toFullName(
  first: string | null | undefined,
  last: string | null | undefined,
): string | null {
  return [first, last].map((name) => name?.trim()).filter(Boolean).join(" ") || null;
}

/** Null for what is absent or empty: Clerk sends `""` where it has nothing to say. */
export function orNull(text: string | null | undefined): string | null {
  return text || null;
}

function isNestedWithin(value: unknown, limit: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return false;
    level = level.flatMap((item) => typeof item === "object" && item ? Object.values(item) : []);
  }
  return true;
}
