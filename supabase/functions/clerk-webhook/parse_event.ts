import * as z from "zod/mini";
import { Milliseconds, toEventTime } from "../_shared/clerk/fields.ts";
import { parseStorableJson } from "../_shared/storable.ts";

/** What every Clerk webhook has in common. */
export interface ClerkEvent {
  type: string;
  /** The resource; what it must hold depends on the type. */
  data: unknown;
  /** When it happened, ISO 8601; null where the body does not say. */
  at: string | null;
  instanceId: string | null;
  /** Where the envelope does not say when, in words that hold no value of it: whatever the event removes needs no time. */
  unread: string | null;
}

/** The event, or where the body is not what Clerk sends, in words that hold no value of it. */
export type ParsedEvent = { ok: true; event: ClerkEvent } | { ok: false; error: string };

const Envelope = z.looseObject({
  type: z.string().check(z.minLength(1), z.maxLength(255)),
  data: z.optional(z.unknown()),
  timestamp: z.optional(z.unknown()),
  instance_id: z.nullish(z.string()),
});

/** Parses a verified body. Accepts the small bodies of a manual sync: only `type` is required. */
export function parseEvent(text: string): ParsedEvent {
  let json: unknown;
  try {
    json = parseStorableJson(text);
  } catch {
    return { ok: false, error: "the body is not JSON" };
  }
  const envelope = Envelope.safeParse(json);
  if (!envelope.success) return { ok: false, error: describe(envelope.error) };
  const { type, data, timestamp, instance_id } = envelope.data;
  const time = z.nullish(Milliseconds).safeParse(timestamp);
  return {
    ok: true,
    event: {
      type,
      data,
      at: toEventTime(time.data),
      instanceId: instance_id ?? null,
      unread: time.success ? null : describe(time.error, ["timestamp"]),
    },
  };
}

/** The first thing that zod found wrong: where (below `within`), and what was expected there. Never the value. */
export function describe(error: z.core.$ZodError, within: string[] = []): string {
  const issue = error.issues[0];
  if (!issue) return "the body is not valid";
  const path = [...within, ...issue.path].join(".").slice(0, 100) || "the body";
  return issue.code === "invalid_type"
    ? `${path}: expected ${issue.expected}`
    : `${path}: ${issue.code}`;
}
