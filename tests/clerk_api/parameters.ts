import type { ListQuery } from "./instance.ts";
import { invalidParameter, Refusal } from "./refusal.ts";

/** The query parameters that a path knows. */
export interface KnownParameters {
  /** Those that this server obeys. */
  obeyed: readonly string[];
  /** Those that Clerk has too, with no use here. */
  notHere?: readonly string[];
  /** What Clerk can order by. */
  orders?: readonly string[];
}

const MAX_LIMIT = 500;
const MAX_IDS = 100;

/** Refuses a parameter that the path does not know, and one that this server can't obey. */
export function assertKnown(query: URLSearchParams, known: KnownParameters): void {
  for (const name of query.keys()) {
    if (known.obeyed.includes(name)) continue;
    if (known.notHere?.includes(name)) throw cannot(name);
    throw new Refusal(
      422,
      "form_param_unknown",
      "is unknown",
      `${name} is not a valid parameter for this request.`,
      { param_name: name },
    );
  }
}

/** Limit, offset and order. Clerk takes `+` for granted, and the newest first where nothing is said. */
export function listQuery(query: URLSearchParams, orders: readonly string[] = []): ListQuery {
  return {
    limit: integer(query, "limit", 10, 1, MAX_LIMIT),
    offset: integer(query, "offset", 0, 0, Number.MAX_SAFE_INTEGER),
    isAscending: isAscending(query.get("order_by") ?? "-created_at", orders),
  };
}

/** The ids of a filter that may be given again and again; null without any. */
export function idFilter(query: URLSearchParams, name: string): string[] | null {
  const ids = query.getAll(name);
  if (ids.length === 0) return null;
  if (ids.length > MAX_IDS) throw invalidParameter(name, `takes at most ${MAX_IDS} values`);
  // Clerk reads `-user_…` as "all but this one".
  if (ids.some((id) => id.startsWith("-"))) throw cannot(name);
  return [...new Set(ids.map((id) => id.replace(/^\+/, "")))];
}

function isAscending(order: string, orders: readonly string[]): boolean {
  const [, sign, field] = /^([+-]?)(\w+)$/.exec(order) ?? [];
  if (field !== "created_at") {
    if (field && orders.includes(field)) throw cannot("order_by");
    throw invalidParameter("order_by", "is not an order of this list");
  }
  return sign !== "-";
}

function integer(
  query: URLSearchParams,
  name: string,
  byDefault: number,
  min: number,
  max: number,
): number {
  const text = query.get(name);
  if (text === null) return byDefault;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw invalidParameter(name, `must be an integer from ${min} to ${max}`);
}

/** Nobody should take an answer for filtered that is not. */
function cannot(name: string): Refusal {
  return new Refusal(501, "not_in_this_server", `${name}: Clerk can, this server can't`);
}
