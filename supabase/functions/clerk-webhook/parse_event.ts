import * as z from "zod/mini";
import { Milliseconds, Text, toEventTime } from "../_clerk_sync/clerk/fields.ts";
import { parseExactJson } from "../_clerk_sync/exact_json.ts";
import { storable } from "../_clerk_sync/storable.ts";

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

/**
 * Parses data by a schema, leaving out what it can't read, and what is not whole without that. Fails where something required
 * is among it: an id is never made up for.
 */
export function parseNeeded<Schema extends z.ZodMiniType>(
  schema: Schema,
  data: unknown,
): z.core.util.SafeParseResult<z.infer<Schema>> {
  const parsed = schema.safeParse(data);
  const [issue] = parsed.error?.issues ?? [];
  if (!issue) return parsed;
  const rest = without(data, keysOf(issue.path));
  return rest === undefined ? parsed : parseNeeded(schema, rest);
}

/** An array goes as a whole: of a list that holds nonsense nothing is known. */
function keysOf(path: PropertyKey[]): string[] {
  const end = path.findIndex((key) => typeof key !== "string");
  return path.slice(0, end === -1 ? path.length : end) as string[];
}

/** A copy without what is at a path. Undefined where nothing is: then what should hold it goes, too. */
function without(value: unknown, [key, ...further]: string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return undefined;
  const { [key]: inner, ...others } = value as Record<string, unknown>;
  if (inner === undefined) return undefined;
  const left = without(inner, further);
  return left === undefined ? others : { ...others, [key]: left };
}
