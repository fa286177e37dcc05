import { createClerkClient } from "@clerk/backend";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import * as z from "zod/mini";
import { Invitation } from "./invitation.ts";
import { Membership } from "./membership.ts";
import { Organization } from "./organization.ts";
import { SubscriptionItem } from "./subscription.ts";
import { User } from "./user.ts";

/** The most that Clerk puts on one page. */
export const PAGE_LIMIT = 500;

/** Some of a list, and how many it holds in all. */
export interface Page<Item> {
  items: Item[];
  total: number;
}

/** A part of a list that is read by offset, oldest first; of subscription items, newest first. */
export interface Range {
  limit: number;
  offset: number;
}

/** Clerk's objects, parsed as far as the sync uses them. */
export type ClerkUser = z.infer<typeof User>;
export type ClerkOrganization = z.infer<typeof Organization>;
export type ClerkMembership = z.infer<typeof Membership>;
export type ClerkSubscriptionItem = z.infer<typeof SubscriptionItem>;
export type ClerkSubscription = z.infer<typeof Subscription>;
export type ClerkInvitation = z.infer<typeof Invitation>;

/** What the sync reads of Clerk's Backend API. Every call rejects with a ClerkApiError. */
export interface ClerkApi {
  /** The id of the instance that the key is of, `ins_…`. */
  instanceId(): Promise<string>;
  user(id: string): Promise<ClerkUser>;
  organization(id: string): Promise<ClerkOrganization>;
  /** Users, oldest first, after the one with the id `after`. */
  users(page: { limit: number; after: string | null }): Promise<Page<ClerkUser>>;
  /** Those of up to 100 users that exist. */
  usersById(ids: string[]): Promise<ClerkUser[]>;
  organizations(range: Range): Promise<Page<ClerkOrganization>>;
  memberships(range: Range): Promise<Page<ClerkMembership>>;
  membershipsOfUser(userId: string, range: Range): Promise<Page<ClerkMembership>>;
  membershipsOfOrganization(organizationId: string, range: Range): Promise<Page<ClerkMembership>>;
  /** The membership of one user in one organization; null when Clerk has none. `not_found`: the organization is gone. */
  membership(organizationId: string, userId: string): Promise<ClerkMembership | null>;
  subscriptionItems(range: Range): Promise<Page<ClerkSubscriptionItem>>;
  subscriptionItem(id: string): Promise<ClerkSubscriptionItem>;
  /** What a user or an organization pays for. `not_found`: nothing, or Billing is switched off. */
  subscriptionOf(payer: "users" | "organizations", id: string): Promise<ClerkSubscription>;
  invitations(range: Range): Promise<Page<ClerkInvitation>>;
  pendingInvitations(organizationId: string, range: Range): Promise<Page<ClerkInvitation>>;
  invitation(organizationId: string, id: string): Promise<ClerkInvitation>;
}

/** How to reach Clerk. */
export interface ClerkApiOptions {
  secretKey: string;
  /** Another address than Clerk's own. */
  apiUrl?: string | undefined;
  /** How long one answer may take. The client can't cut a request off: it is left to itself then. */
  timeoutMs: number;
}

/** Clerk's Backend API by Clerk's own client, https://clerk.com/docs/reference/backend/overview. */
export function createClerkApi({ secretKey, apiUrl, timeoutMs }: ClerkApiOptions): ClerkApi {
  const clerk = createClerkClient({ secretKey, ...(apiUrl && { apiUrl }) });
  const users = countingAll(clerk.users);
  const ask = <Answer>(call: () => Promise<Answer>) => answerOf(call, timeoutMs);
  const page = async <Schema extends z.ZodMiniType>(schema: Schema, call: () => Promise<unknown>) =>
    parsePage(schema, await ask(call));
  const get = (path: string, query: Record<string, string | number | boolean> = {}) =>
    ask(() => {
      const url = new URL(`${apiUrl ?? CLERK_API_URL}/v1/${path}`);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, `${value}`);
      return getJson(url, secretKey, AbortSignal.timeout(timeoutMs));
    });

  return {
    instanceId: async () => parse(Instance, await ask(() => clerk.instance.get())).id,
    user: async (id) => theOne(id, parseRaw(User, await ask(() => clerk.users.getUser(id)))),
    organization: async (id) => {
      const call = () => clerk.organizations.getOrganization({ organizationId: id });
      return theOne(id, parseRaw(Organization, await ask(call)));
    },
    users: ({ limit, after }) =>
      // The cursor is Clerk's advice for long lists; the client passes it on, though its types do not have it.
      page(User, () => {
        const params = { limit, orderBy: "+created_at", ...(after && { startingAfter: after }) };
        return users.getUserList(params as Parameters<typeof users.getUserList>[0]);
      }),
    usersById: async (ids) => {
      // Without a single id the client asks for the newest users.
      if (ids.length === 0) return [];
      const call = () => clerk.users.getUserList({ userId: ids, limit: ids.length });
      return (await page(User, call)).items;
    },
    organizations: (range) =>
      page(
        Organization,
        () => clerk.organizations.getOrganizationList({ ...range, orderBy: "+created_at" }),
      ),
    memberships: (range) =>
      page(
        Membership,
        () =>
          clerk.organizations.getInstanceOrganizationMembershipList({
            ...range,
            orderBy: "+created_at",
          }),
      ),
    membershipsOfUser: (userId, range) =>
      page(Membership, () => clerk.users.getOrganizationMembershipList({ userId, ...range })),
    membershipsOfOrganization: (organizationId, range) =>
      page(
        Membership,
        () =>
          clerk.organizations.getOrganizationMembershipList({
            organizationId,
            ...range,
            orderBy: "+created_at",
          }),
      ),
    membership: async (organizationId, userId) => {
      const call = () =>
        clerk.organizations.getOrganizationMembershipList({ organizationId, userId: [userId] });
      const { items: [membership] } = await page(Membership, call);
      if (!membership) return null;
      theOne(organizationId, membership.organization);
      theOne(userId, { id: membership.public_user_data?.user_id ?? userId });
      return membership;
    },
    subscriptionItems: async (range) => {
      try {
        return parseList(
          SubscriptionItem,
          await get("billing/subscription_items", { ...range, include_free: true }),
        );
      } catch (error) {
        throw isWithoutBilling(error) ? new ClerkApiError("not_enabled", "no Billing") : error;
      }
    },
    subscriptionItem: async (id) =>
      theOne(
        id,
        parse(SubscriptionItem, await get(`billing/subscription_items/${encodeURIComponent(id)}`)),
      ),
    subscriptionOf: async (payer, id) =>
      parse(Subscription, await get(`${payer}/${encodeURIComponent(id)}/billing/subscription`)),
    invitations: async (range) =>
      parseList(
        Invitation,
        await get("organization_invitations", { ...range, order_by: "+created_at" }),
      ),
    pendingInvitations: (organizationId, range) =>
      page(
        Invitation,
        () =>
          clerk.organizations.getOrganizationInvitationList({
            organizationId,
            ...range,
            status: ["pending"],
          }),
      ),
    invitation: async (organizationId, invitationId) => {
      const ids = { organizationId, invitationId };
      const call = () => clerk.organizations.getOrganizationInvitation(ids);
      const invitation = theOne(invitationId, parseRaw(Invitation, await ask(call)));
      theOne(organizationId, { id: invitation.organization_id });
      return invitation;
    },
  };
}

const CLERK_API_URL = "https://api.clerk.com";

/** The version of the API that Clerk's own client asks for as well. */
const API_VERSION = "2026-05-12";

/**
 * What Clerk's client has no method for, or leaves the payer out of: its subscription items keep no raw JSON. Rejects with a
 * ClerkApiError.
 */
async function getJson(url: URL, secretKey: string, signal: AbortSignal): Promise<unknown> {
  const headers = { authorization: `Bearer ${secretKey}`, "clerk-api-version": API_VERSION };
  const response = await fetch(url, { headers, signal }).catch(() => {
    throw new ClerkApiError("unavailable", "no answer");
  });
  const body: unknown = await response.json().catch((error: unknown) => {
    if (error instanceof SyntaxError) return null;
    throw new ClerkApiError("unavailable", "the answer was cut off");
  });
  if (response.ok && typeof body === "object" && body !== null) return body;
  if (response.ok) throw new ClerkApiError("invalid_answer", "no JSON");
  const [first] = z.catch(Refusal, { errors: [] }).parse(body).errors;
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "");
  const retryAfter = Number.isNaN(seconds) ? undefined : seconds;
  throw failed({ status: response.status, retryAfter, ...first });
}

const Refusal = z.object({ errors: z.array(z.object({ code: z.string(), message: z.string() })) });

/** Clerk says of an instance without Billing that nothing is there, or that it may not be asked for. */
function isWithoutBilling(error: unknown): boolean {
  return error instanceof ClerkApiError &&
    (error.failure === "not_found" || error.failure === "not_enabled");
}

/** The client counts anew with every page, by the page's own parameters; but the count knows no cursor. */
function countingAll<Users extends { getCount(): Promise<number> }>(users: Users): Users {
  return Object.create(users, { getCount: { value: () => users.getCount() } });
}

/** What a payer pays for, as the API answers it: its items do not name the payer. */
const Subscription = z.object({
  id: z.string(),
  subscription_items: z.array(SubscriptionItem),
});

const Instance = z.object({ id: z.string().check(z.startsWith("ins_")) });
const Count = z.int().check(z.gte(0));
const List = z.object({ data: z.array(z.unknown()), totalCount: Count });

/** A list as Clerk's API itself writes it. */
function parseList<Schema extends z.ZodMiniType>(
  schema: Schema,
  answer: unknown,
): Page<z.infer<Schema>> {
  const { data, total_count } = parse(
    z.object({ data: z.array(schema), total_count: Count }),
    answer,
  );
  return { items: data, total: total_count };
}

function parsePage<Schema extends z.ZodMiniType>(
  schema: Schema,
  answer: unknown,
): Page<z.infer<Schema>> {
  const { data, totalCount } = parse(List, answer);
  return { items: data.map((item) => parseRaw(schema, item)), total: totalCount };
}

/** The client's objects keep Clerk's own JSON as `raw`: what the webhook's mappers read. */
function parseRaw<Schema extends z.ZodMiniType>(schema: Schema, answer: unknown): z.infer<Schema> {
  return parse(schema, (answer as { raw?: unknown } | null | undefined)?.raw);
}

/** Refuses what was not asked for: an answer decides what is changed or deleted here. */
function theOne<Item extends { id: string }>(id: string, item: Item): Item {
  if (item.id === id) return item;
  throw new ClerkApiError("invalid_answer", "another id");
}

/** Names the place of what is wrong, never the value. */
function parse<Schema extends z.ZodMiniType>(schema: Schema, answer: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join(".") || "the answer";
  throw new ClerkApiError("invalid_answer", place.slice(0, 100));
}

/** An answer of Clerk's client within its time. Rejects with a ClerkApiError. */
export async function answerOf<Answer>(
  call: () => Promise<Answer>,
  timeoutMs: number,
): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new ClerkApiError("unavailable", `no answer within ${timeoutMs / 1000} s`);
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  try {
    return await Promise.race([call(), tooLate]);
  } catch (error) {
    throw error instanceof ClerkApiError ? error : classify(error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Why Clerk gave no answer that can be used. `not_found`: Clerk itself says that nothing has this id. `unauthorized`: the
 * secret key is wrong. `not_enabled`: the instance has the feature switched off, which says nothing of the key, nor of what
 * was asked for. `refused`: another 4xx. `rate_limited`, `unavailable` and `invalid_answer` (not what Clerk's API answers)
 * may pass.
 */
export type ClerkFailure =
  | "not_found"
  | "unauthorized"
  | "not_enabled"
  | "refused"
  | "rate_limited"
  | "unavailable"
  | "invalid_answer";

/** A failed call of Clerk's API, in words that hold no key, no id and nothing of the answer. */
export class ClerkApiError extends Error {
  override name = "ClerkApiError";

  constructor(
    readonly failure: ClerkFailure,
    detail: string,
    /** How long Clerk asks to wait, in seconds. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(`Clerk: ${failure} (${detail})`);
  }
}

/** Clerk says by its code what a 403 is about: https://clerk.com/docs/guides/development/errors/backend-api */
const FORBIDDEN = new Map<string, ClerkFailure>([
  ["authorization_invalid", "unauthorized"],
  ["organization_not_enabled_in_instance", "not_enabled"],
  ["billing_not_enabled", "not_enabled"],
  ["feature_not_enabled", "not_enabled"],
]);

const NO_CODE = "no code";

/** What an error of Clerk's client means. */
function classify(error: unknown): ClerkApiError {
  if (!isClerkAPIResponseError(error)) return new ClerkApiError("refused", "the client refused");
  const { status, retryAfter, errors: [first] } = error;
  return failed({ status, retryAfter, ...first });
}

/** How Clerk refused: the status, and the first of its errors. */
interface ClerkRefusal {
  status?: number | undefined;
  retryAfter?: number | undefined;
  code?: string;
  message?: string;
}

function failed(
  { status, retryAfter, code: told = "", message = "" }: ClerkRefusal,
): ClerkApiError {
  const code = /^[a-z_]{1,50}$/.test(told) ? told : NO_CODE;
  const failure = failureOf(status, code, message);
  const retryAfterSeconds = failure === "rate_limited" ? retryAfter ?? null : null;
  return new ClerkApiError(failure, `${status ?? "no status"}, ${code}`, retryAfterSeconds);
}

function failureOf(status: number | undefined, code: string, message: string): ClerkFailure {
  if (status === 429) return "rate_limited";
  if (status === 401) return "unauthorized";
  // Any server may answer 403, or 404 for a path that it does not have: only Clerk says why.
  if (status === 403) {
    return FORBIDDEN.get(code) ?? (code === NO_CODE ? "invalid_answer" : "refused");
  }
  if (status === 404) return code === "resource_not_found" ? "not_found" : "invalid_answer";
  if (status !== undefined) return status >= 400 && status < 500 ? "refused" : "unavailable";
  // No status: the network, or an answer that the client trips over; it hands over the engine's message alone.
  const isGarbage = /JSON|^Cannot |is not a function/.test(message);
  return isGarbage ? "invalid_answer" : "unavailable";
}
