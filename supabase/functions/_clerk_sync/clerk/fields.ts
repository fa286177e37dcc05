import * as z from "zod/mini";
import { isExactNumber } from "../exact_json.ts";
import { storable, toStorable } from "../storable.ts";

/** 9999-12-31T23:59:59.999Z: later years have no ISO form that PostgreSQL reads. */
const LAST_MS = 253_402_300_799_999;

/** Below this a time is in seconds: as milliseconds it would lie before March 1973. */
const SECONDS_BELOW = 1e11;

/** Any text, without what PostgreSQL can't store of it. */
export const Text = z.string().check(z.overwrite(storable));

/** A Clerk id, as `user_…`. Clerk's are some 30 characters long. */
export const ClerkId = Text.check(z.minLength(1), z.maxLength(255));

/** A time as Clerk sends it: integer milliseconds since 1970 (or, in an envelope, seconds). */
export const Milliseconds = z.int().check(z.gte(0), z.lte(LAST_MS));

/** Deeper JSON overflows the stack of those who write it again or store it. Clerk's 8 kB seldom hold ten levels. */
const METADATA_DEPTH = 500;

/** Public metadata: any JSON object of at most 500 levels, without what PostgreSQL can't store, and else as it is. */
export const Metadata = z.pipe(
  z.unknown(),
  z.transform((input, { issues }): Record<string, unknown> => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      issues.push({ code: "invalid_type", expected: "record", input });
    } else if (!isNestedWithin(input, METADATA_DEPTH)) {
      issues.push({ code: "custom", message: "too deep", input });
    } else return toStorable(input as Record<string, unknown>);
    return z.NEVER;
  }),
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

/** Whether no object or list in it has `limit` others above it. */
function isNestedWithin(value: object, limit: number): boolean {
  const isNest = (item: unknown) => typeof item === "object" && item && !isExactNumber(item);
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === limit) return false;
    level = level.flatMap((item) => Object.values(item as object)).filter(isNest);
  }
  return true;
}
