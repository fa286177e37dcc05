import { isDeepStrictEqual } from "node:util";
import type { InvitationBody, SubscriptionItemBody } from "../clerk/bodies.ts";

/** A user's row. Times are ms; null where the rules leave them open: nobody knows when a stub was created. */
export interface UserRow {
  external_id: string;
  email: string;
  full_name: string | null;
  avatar_url: string | null;
  username: string | null;
  banned: boolean;
  deprovisioned: boolean;
  public_metadata: Record<string, unknown>;
  created_at: number | null;
  updated_at: number | null;
  deleted_at: number | null;
}

/** What others see of a user. */
type SharedRow = Pick<
  UserRow,
  "external_id" | "email" | "full_name" | "avatar_url" | "username"
>;

/** An organization's row. */
interface OrganizationRow {
  external_id: string;
  name: string;
  slug: string | null;
  logo_url: string | null;
  created_by: string | null;
  public_metadata: Record<string, unknown>;
  plan: string;
  timezone: string;
  created_at: number | null;
  updated_at: number | null;
  deleted_at: number | null;
}

/** A membership's row, by the ids of Clerk. */
export interface MemberRow {
  organization: string;
  user: string;
  external_id: string | null;
  clerk_role: string | null;
  role: string;
  status: "active" | "inactive";
  joined_at: number | null;
}

/** A session's row. */
interface SessionRow {
  external_id: string;
  user_external_id: string;
  client_id: string;
  actor_external_id: string | null;
  status: string;
  created_at: number;
  last_active_at: number;
  expire_at: number;
  ended_at: number | null;
}

/** All that the sync writes, by Clerk's ids; what is shared by its user's, members by both of theirs, with a blank between. */
export interface Tables {
  users: Map<string, UserRow>;
  shared: Map<string, SharedRow>;
  organizations: Map<string, OrganizationRow>;
  members: Map<string, MemberRow>;
  sessions: Map<string, SessionRow>;
  subscriptions: Map<string, ReturnType<typeof subscriptionRow>>;
  invitations: Map<string, ReturnType<typeof invitationRow>>;
}

/** Nothing yet. */
export function noRows(): Tables {
  return {
    users: new Map(),
    shared: new Map(),
    organizations: new Map(),
    members: new Map(),
    sessions: new Map(),
    subscriptions: new Map(),
    invitations: new Map(),
  };
}

/** What others see of users: each has a row, whatever became of the user. */
export function sharedRows(users: Tables["users"]): Tables["shared"] {
  const shared = ({ external_id, email, full_name, avatar_url, username }: UserRow): SharedRow => (
    { external_id, email, full_name, avatar_url, username }
  );
  return new Map([...users].map(([id, row]) => [id, shared(row)]));
}

/** The row of a subscription item. */
export function subscriptionRow(item: SubscriptionItemBody) {
  const { object: _, id, subscription_id, payer, plan, seats, ...same } = item;
  return {
    ...same,
    external_id: id,
    subscription_external_id: subscription_id,
    user_external_id: payer.user_id || null,
    organization_external_id: payer.organization_id || null,
    plan: plan?.slug ?? null,
    plan_name: plan?.name ?? null,
    seats: seats.quantity,
  };
}

/** The row of an invitation, with the role that the member will have. */
export function invitationRow(invitation: InvitationBody, role: string) {
  const { object: _, url: __, id, organization_id, inviter_id, user_id, ...rest } = invitation;
  const { email_address: email, role: clerk_role, ...same } = rest;
  return {
    ...same,
    external_id: id,
    organization_external_id: organization_id,
    inviter_external_id: inviter_id,
    user_external_id: user_id,
    email,
    role,
    clerk_role,
  };
}

/** What is in force of what an organization pays for: the period that began last, the default plan only if there is no other. */
export function planOf(organization: string, subscriptions: Tables["subscriptions"]): string {
  const inForce = [...subscriptions.values()].filter((row) =>
    row.organization_external_id === organization && row.plan !== null &&
    (/^(active|past_due)$/.test(row.status) ||
      (row.status === "canceled" && Date.now() < (row.period_end ?? 0)))
  );
  // Times in ms have one length for centuries.
  const key = (row: typeof inForce[number]) =>
    [row.period_end === null ? 0 : 1, row.period_start, row.created_at, row.external_id].join();
  return inForce.toSorted((a, b) => key(a) < key(b) ? 1 : -1)[0]?.plan ?? "free";
}

/** The key of a member's row. */
export function pairKey(organization: string, user: string): string {
  return `${organization} ${user}`;
}

/** Where the database is not as it should be, one line a field; empty when it is. */
export function differences(expected: Tables, actual: Tables): string[] {
  const names = Object.keys(expected) as (keyof Tables)[];
  return names.flatMap((name) => [...compare(name, expected[name], actual[name])]);
}

function* compare(
  table: string,
  expected: Map<string, object>,
  actual: Map<string, object>,
): Iterable<string> {
  for (const [key, row] of expected) {
    const found = actual.get(key) as Record<string, unknown> | undefined;
    if (!found) {
      yield `${table} ${key}: missing, expected ${show(row)}`;
      continue;
    }
    for (const [column, value] of Object.entries(row)) {
      if (isOpen(column, value)) continue;
      if (isDeepStrictEqual(found[column], value)) continue;
      yield `${table} ${key}: ${column} is ${show(found[column])}, expected ${show(value)}`;
    }
  }
  for (const [key, row] of actual) {
    if (!expected.has(key)) yield `${table} ${key}: should not be there: ${show(row)}`;
  }
}

/** These are never null in the tables: null is what the rules leave open. */
function isOpen(column: string, value: unknown): boolean {
  return value === null && ["created_at", "updated_at", "joined_at"].includes(column);
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
