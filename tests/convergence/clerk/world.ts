import type { Announced, ProfileChoice } from "./command.ts";

/** An account, as Clerk holds it. `deletedAt`, like `endedAt` below, is the time that the event names. */
export interface User {
  id: string;
  number: number;
  announced: Announced;
  profile: ProfileChoice;
  created_at: number;
  updated_at: number;
  deletedAt: number | null;
  /** The latest `updated_at` at which the user could not sign in. */
  barredAt: number | null;
}

/** An organization, as Clerk holds it. */
export interface Organization {
  id: string;
  number: number;
  announced: Announced;
  updatesNameCreator: boolean;
  membershipsNameCreator: boolean;
  createdBy: string | null;
  name: string;
  slug: string | null;
  created_at: number;
  updated_at: number;
  deletedAt: number | null;
}

/** One generation of somebody's membership. */
export interface Membership {
  id: string;
  organization: Organization;
  user: User;
  role: string;
  /** Whether any event has named the user of this membership's id. */
  isNamed: boolean;
  created_at: number;
  updated_at: number;
  /** Removed by an event of its own, not only through its user or organization. */
  isRemoved: boolean;
}

/** A sign-in. */
export interface Session {
  id: string;
  user: User;
  /** Id of who signed in as the user. */
  actor: string | null;
  status: "active" | "ended" | "revoked";
  created_at: number;
  updated_at: number;
  endedAt: number | null;
}

/** Everything that Clerk knows. Nothing is ever taken out. */
export interface World {
  users: User[];
  organizations: Organization[];
  memberships: Membership[];
  sessions: Session[];
}

/** Memberships that are in force. */
export function isInForce({ isRemoved, user, organization }: Membership): boolean {
  return !isRemoved && user.deletedAt === null && organization.deletedAt === null;
}
