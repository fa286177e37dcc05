import { isDeepStrictEqual } from "node:util";

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

/** All that the sync writes, by primary key: `user_…`, of those that are shared too, `org_…`, `org_… user_…`, `sess_…`. */
export interface Tables {
  users: Map<string, UserRow>;
  shared: Map<string, SharedRow>;
  organizations: Map<string, OrganizationRow>;
  members: Map<string, MemberRow>;
  sessions: Map<string, SessionRow>;
}

/** Nothing yet. */
export function noRows(): Tables {
  return {
    users: new Map(),
    shared: new Map(),
    organizations: new Map(),
    members: new Map(),
    sessions: new Map(),
  };
}

/** What others see of users: each has a row, whatever became of the user. */
export function sharedRows(users: Tables["users"]): Tables["shared"] {
  const shared = ({ external_id, email, full_name, avatar_url, username }: UserRow): SharedRow => (
    { external_id, email, full_name, avatar_url, username }
  );
  return new Map([...users].map(([id, row]) => [id, shared(row)]));
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
