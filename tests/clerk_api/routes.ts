import type { ClerkInstance, ListQuery, MembershipQuery, Page } from "./instance.ts";
import { invalidParameter, notFound, Refusal } from "./refusal.ts";

/** What the Dashboard has a switch for. */
export type Feature = "organizations" | "billing";

/** One path of Clerk's Backend API: what it takes, and the JSON text that it answers. */
export interface Route {
  path: RegExp;
  /** The parameters that this server obeys. Another one is refused: nobody should take an answer for filtered that is not. */
  parameters: readonly string[];
  /** Refused while the instance has one of them switched off. */
  needs?: readonly Feature[];
  /** `ids`: those in the path. */
  answer(instance: ClerkInstance, query: URLSearchParams, ...ids: string[]): string;
}

const PAGING = ["limit", "offset"];
const ORDERED = [...PAGING, "order_by"];
const MAX_LIMIT = 500;
const MAX_IDS = 100;

/** The paths that the sync reads, as of Clerk's OpenAPI description of 2026-05-12. */
export const ROUTES: Route[] = [
  {
    path: /^\/v1\/instance$/,
    parameters: [],
    answer: ({ id }) =>
      JSON.stringify({
        object: "instance",
        id,
        environment_type: "development",
        allowed_origins: null,
      }),
  },
  {
    path: /^\/v1\/users$/,
    parameters: [...ORDERED, "user_id", "starting_after"],
    answer: users,
  },
  {
    path: /^\/v1\/users\/count$/,
    parameters: ["user_id"],
    answer: (instance, query) =>
      JSON.stringify({
        object: "total_count",
        total_count: instance.countUsers(idFilter(query, "user_id")),
      }),
  },
  {
    path: /^\/v1\/users\/([^/]+)$/,
    parameters: [],
    answer: (instance, _, id = "") => found("user", id, instance.user(id)),
  },
  {
    path: /^\/v1\/users\/([^/]+)\/organization_memberships$/,
    needs: ["organizations"],
    parameters: PAGING,
    answer: (instance, query, id = "") => {
      found("user", id, instance.user(id));
      return memberships(instance, query, { userIds: [id] });
    },
  },
  {
    path: /^\/v1\/organizations$/,
    needs: ["organizations"],
    parameters: ORDERED,
    answer: (instance, query) => pageText(instance.organizations(listQuery(query))),
  },
  {
    path: /^\/v1\/organizations\/([^/]+)$/,
    needs: ["organizations"],
    parameters: [],
    answer: (instance, _, id = "") => found("organization", id, instance.organization(id)),
  },
  {
    path: /^\/v1\/organizations\/([^/]+)\/memberships$/,
    needs: ["organizations"],
    parameters: [...ORDERED, "user_id"],
    answer: (instance, query, id = "") => {
      found("organization", id, id.startsWith("org_") ? instance.organization(id) : null);
      const userIds = idFilter(query, "user_id");
      return memberships(instance, query, { organizationId: id, userIds });
    },
  },
  {
    path: /^\/v1\/organization_memberships$/,
    needs: ["organizations"],
    parameters: ORDERED,
    answer: (instance, query) => memberships(instance, query, {}),
  },
  {
    path: /^\/v1\/billing\/subscription_items$/,
    needs: ["billing"],
    parameters: [...PAGING, "include_free"],
    answer: (instance, query) => {
      const includesFree = query.get("include_free") === "true";
      return pageText(instance.subscriptionItems({ ...listQuery(query), includesFree }));
    },
  },
  {
    path: /^\/v1\/billing\/subscription_items\/([^/]+)$/,
    needs: ["billing"],
    parameters: [],
    answer: (instance, _, id = "") => found("subscription item", id, instance.subscriptionItem(id)),
  },
  {
    path: /^\/v1\/users\/([^/]+)\/billing\/subscription$/,
    needs: ["billing"],
    parameters: [],
    answer: (instance, _, id = "") => {
      found("user", id, instance.user(id));
      return found("subscription", id, instance.subscription(id));
    },
  },
  {
    path: /^\/v1\/organizations\/([^/]+)\/billing\/subscription$/,
    needs: ["organizations", "billing"],
    parameters: [],
    answer: (instance, _, id = "") => {
      found("organization", id, id.startsWith("org_") ? instance.organization(id) : null);
      return found("subscription", id, instance.subscription(id));
    },
  },
  {
    path: /^\/v1\/organization_invitations$/,
    needs: ["organizations"],
    parameters: ORDERED,
    answer: (instance, query) => invitations(instance, query, null),
  },
  {
    path: /^\/v1\/organizations\/([^/]+)\/invitations$/,
    needs: ["organizations"],
    parameters: [...PAGING, "status"],
    answer: (instance, query, id = "") => {
      found("organization", id, id.startsWith("org_") ? instance.organization(id) : null);
      return invitations(instance, query, id);
    },
  },
  {
    path: /^\/v1\/organizations\/([^/]+)\/invitations\/([^/]+)$/,
    needs: ["organizations"],
    parameters: [],
    answer: (instance, _, organizationId = "", id = "") =>
      found("invitation", id, instance.invitation(organizationId, id)),
  },
];

/** Refuses a parameter that the path does not know here. */
export function assertKnown(query: URLSearchParams, { parameters }: Route): void {
  for (const name of query.keys()) {
    if (parameters.includes(name)) continue;
    const text = `${name} is not a valid parameter for this request.`;
    throw new Refusal(422, "form_param_unknown", "is unknown", text, { param_name: name });
  }
}

/** A plain array, and a cursor: both only here. */
function users(instance: ClerkInstance, query: URLSearchParams): string {
  const after = query.get("starting_after");
  const list = listQuery(query);
  if (after !== null && list.offset > 0) {
    throw invalidParameter("starting_after", "can't be used with an offset");
  }
  if (after !== null && instance.user(after) === null) {
    throw invalidParameter("starting_after", "is no user of this instance");
  }
  const items = instance.users({ ...list, after, ids: idFilter(query, "user_id") });
  return `[${items.join(",")}]`;
}

function memberships(
  instance: ClerkInstance,
  query: URLSearchParams,
  of: Partial<MembershipQuery>,
): string {
  const list = listQuery(query);
  return pageText(instance.memberships({ organizationId: null, userIds: null, ...list, ...of }));
}

const STATUSES = ["pending", "accepted", "revoked", "expired"];

function invitations(
  instance: ClerkInstance,
  query: URLSearchParams,
  organizationId: string | null,
): string {
  const statuses = query.getAll("status");
  if (!statuses.every((status) => STATUSES.includes(status))) {
    throw invalidParameter("status", `is one of ${STATUSES}`);
  }
  return pageText(instance.invitations({
    ...listQuery(query),
    organizationId,
    statuses: statuses.length > 0 ? statuses : null,
  }));
}

function found(kind: string, id: string, text: string | null): string {
  if (text === null) throw notFound(kind, id);
  return text;
}

function pageText({ items, total }: Page): string {
  return `{"data":[${items.join(",")}],"total_count":${total}}`;
}

/** Limit, offset and order. Clerk takes `+` for granted, and the newest first where nothing is said. */
function listQuery(query: URLSearchParams): ListQuery {
  const [, sign] = /^([+-]?)created_at$/.exec(query.get("order_by") ?? "-created_at") ?? [];
  if (sign === undefined) throw invalidParameter("order_by", "is not an order of this list");
  return {
    limit: integer(query, "limit", 10, 1, MAX_LIMIT),
    offset: integer(query, "offset", 0, 0, Number.MAX_SAFE_INTEGER),
    isAscending: sign !== "-",
  };
}

/** The ids of a filter that may be given again and again; null without any. */
function idFilter(query: URLSearchParams, name: string): string[] | null {
  const ids = query.getAll(name);
  if (ids.length === 0) return null;
  if (ids.length > MAX_IDS) throw invalidParameter(name, `takes at most ${MAX_IDS} values`);
  // Clerk reads `-user_…` as "all but this one".
  if (ids.some((id) => id.startsWith("-"))) throw invalidParameter(name, "can't exclude here");
  return [...new Set(ids.map((id) => id.replace(/^\+/, "")))];
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
