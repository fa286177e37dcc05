import type { ClerkInstance, MembershipQuery, Page } from "./instance.ts";
import { idFilter, type KnownParameters, listQuery } from "./parameters.ts";
import { invalidParameter, notFound } from "./refusal.ts";

/** One path of Clerk's Backend API: what it takes, and the JSON text that it answers. */
export interface Route {
  path: RegExp;
  parameters: KnownParameters;
  /** Refused while the instance has organizations switched off. */
  isOfOrganizations?: true;
  answer(instance: ClerkInstance, query: URLSearchParams, id: string): string;
}

const PAGING = ["limit", "offset"];
const DATES = ["created_at_before", "created_at_after", "last_active_at_before"];
const PEOPLE = ["email_address", "phone_number", "username", "web3_wallet", "query", "name_query"];
const SEARCHES = ["email_address_query", "phone_number_query", "username_query"];
const PERSON_FILTERS = [...PEOPLE, ...SEARCHES, ...DATES, "last_active_at_after"];
const USER_FILTERS = [
  ...PERSON_FILTERS,
  "external_id",
  "organization_id",
  "banned",
  "last_active_at_since",
  "last_sign_in_at_before",
  "last_sign_in_at_after",
  "provider",
  "provider_user_id",
];
const PERSON_ORDERS = ["phone_number", "email_address", "first_name", "last_name", "username"];
const USER_ORDERS = [
  ...PERSON_ORDERS,
  "updated_at",
  "web3wallet",
  "last_active_at",
  "last_sign_in_at",
];
const ORGANIZATION_EXTRAS = [
  "include_members_count",
  "include_missing_member_with_elevated_permissions",
];

/** The paths that the sync reads, with the parameters of Clerk's OpenAPI description of 2026-05-12. */
export const ROUTES: Route[] = [
  {
    path: /^\/v1\/instance$/,
    parameters: { obeyed: [] },
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
    parameters: {
      obeyed: [...PAGING, "order_by", "user_id", "starting_after"],
      notHere: USER_FILTERS,
    },
    answer: users,
  },
  {
    path: /^\/v1\/users\/count$/,
    parameters: { obeyed: ["user_id"], notHere: USER_FILTERS },
    answer: (instance, query) =>
      JSON.stringify({
        object: "total_count",
        total_count: instance.countUsers(idFilter(query, "user_id")),
      }),
  },
  {
    path: /^\/v1\/users\/([^/]+)$/,
    parameters: { obeyed: [] },
    answer: (instance, _, id) => found("user", id, instance.user(id)),
  },
  {
    path: /^\/v1\/users\/([^/]+)\/organization_memberships$/,
    isOfOrganizations: true,
    parameters: { obeyed: PAGING },
    answer: (instance, query, id) => {
      found("user", id, instance.user(id));
      return memberships(instance, query, { userIds: [id] });
    },
  },
  {
    path: /^\/v1\/organizations$/,
    isOfOrganizations: true,
    parameters: {
      obeyed: [...PAGING, "order_by"],
      notHere: [...ORGANIZATION_EXTRAS, "query", "user_id", "organization_id"],
    },
    answer: (instance, query) =>
      pageText(instance.organizations(listQuery(query, ["name", "members_count"]))),
  },
  {
    path: /^\/v1\/organizations\/([^/]+)$/,
    isOfOrganizations: true,
    parameters: { obeyed: [], notHere: ORGANIZATION_EXTRAS },
    answer: (instance, _, id) => found("organization", id, instance.organization(id)),
  },
  {
    path: /^\/v1\/organizations\/([^/]+)\/memberships$/,
    isOfOrganizations: true,
    parameters: {
      obeyed: [...PAGING, "order_by", "user_id"],
      notHere: [...PERSON_FILTERS, "role"],
    },
    answer: (instance, query, id) => {
      found("organization", id, id.startsWith("org_") ? instance.organization(id) : null);
      const userIds = idFilter(query, "user_id");
      return memberships(instance, query, { organizationId: id, userIds });
    },
  },
  {
    path: /^\/v1\/organization_memberships$/,
    isOfOrganizations: true,
    parameters: { obeyed: [...PAGING, "order_by"] },
    answer: (instance, query) => memberships(instance, query, {}),
  },
];

/** A plain array, and a cursor: both only here. */
function users(instance: ClerkInstance, query: URLSearchParams): string {
  const after = query.get("starting_after");
  if (after !== null && !/^[+-]?created_at$/.test(query.get("order_by") ?? "-created_at")) {
    throw invalidParameter("starting_after", "goes with the order created_at only");
  }
  const list = listQuery(query, USER_ORDERS);
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
  const list = listQuery(query, PERSON_ORDERS);
  return pageText(instance.memberships({ organizationId: null, userIds: null, ...list, ...of }));
}

function found(kind: string, id: string, text: string | null): string {
  if (text === null) throw notFound(kind, id);
  return text;
}

function pageText({ items, total }: Page): string {
  return `{"data":[${items.join(",")}],"total_count":${total}}`;
}
