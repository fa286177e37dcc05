import * as z from "zod/mini";
import { Milliseconds, Text, toEventTime } from "../_clerk_sync/clerk/fields.ts";
import { parseExactJson } from "../_clerk_sync/exact_json.ts";
import { storable } from "../_clerk_sync/storable.ts";
import { parseNeeded } from "./parse_needed.ts";

/** What every Clerk webhook has in common. */
export interface ClerkEvent {
  type: string;
  /** The resource; what it must hold depends on the type. */
  data: unknown;
  /** When it happened, ISO 8601; null where the body does not say. */
  at: string | null;
  instanceId: string | null;
  /** Where the envelope's context can't be read, in words that hold no value of it: whatever the event removes needs none. */
  unread: string | null;
}

/** What can be read of a body that is no event, for the ledger. */
export interface Fragment {
  /** Its first 255 characters. */
  type: string | null;
  data: unknown;
}

/** The event, or where the body is not what Clerk sends, in words that hold no value of it. */
export type ParsedEvent =
  | { ok: true; event: ClerkEvent }
  | { ok: false; error: string; fragment: Fragment };

const TYPE_LIMIT = 255;

const Envelope = z.looseObject({
  type: Text.check(z.minLength(1), z.maxLength(TYPE_LIMIT)),
  data: z.optional(z.unknown()),
});

const Context = z.looseObject({
  timestamp: z.nullish(Milliseconds),
  instance_id: z.nullish(Text),
});

/** Parses a verified body. Accepts the small bodies of a manual sync: only `type` is required. */
export function parseEvent(text: string): ParsedEvent {
  let json: unknown;
  try {
    json = parseExactJson(text);
  } catch {
    return { ok: false, error: "the body is not JSON", fragment: { type: null, data: null } };
  }
  const envelope = Envelope.safeParse(json);
  if (!envelope.success) {
    return { ok: false, error: describe(envelope.error), fragment: fragmentOf(json) };
  }
  const { type, data } = envelope.data;
  const context = Context.safeParse(json);
  const { timestamp, instance_id } = parseNeeded(Context, json).data ?? {};
  return {
    ok: true,
    event: {
      type,
      data,
      at: toEventTime(timestamp),
      instanceId: instance_id ?? null,
      unread: context.success ? null : describe(context.error),
    },
  };
}

function fragmentOf(json: unknown): Fragment {
  const { type, data } = (json ?? {}) as { type?: unknown; data?: unknown };
  const name = typeof type === "string" ? storable(type.slice(0, TYPE_LIMIT)) : "";
  return { type: name || null, data };
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
