/** A part of a list in the order of age. */
export interface ListQuery {
  limit: number;
  offset: number;
  isAscending: boolean;
}

/** Users: those after one, or those of some ids. */
export interface UserQuery extends ListQuery {
  after: string | null;
  ids: string[] | null;
}

/** Memberships: of one organization, of some users, of both, or all. */
export interface MembershipQuery extends ListQuery {
  organizationId: string | null;
  userIds: string[] | null;
}

/** Invitations: of one organization or all, in some states or any. */
export interface InvitationQuery extends ListQuery {
  organizationId: string | null;
  statuses: string[] | null;
}

/** Some of a list, as JSON texts, and how many it holds in all. */
export interface Page {
  items: string[];
  total: number;
}

/** What a Clerk instance holds at this moment. Objects are JSON texts as Clerk's Backend API answers them. */
export interface ClerkInstance {
  /** `ins_…` */
  readonly id: string;
  user(id: string): string | null;
  users(query: UserQuery): string[];
  countUsers(ids: string[] | null): number;
  organization(idOrSlug: string): string | null;
  organizations(query: ListQuery): Page;
  memberships(query: MembershipQuery): Page;
  subscriptionItems(query: ListQuery & { includesFree: boolean }): Page;
  subscriptionItem(id: string): string | null;
  /** What a user or an organization pays for; null without anything. */
  subscription(payerId: string): string | null;
  invitations(query: InvitationQuery): Page;
  invitation(organizationId: string, id: string): string | null;
}

/** The id of an instance that nobody names. */
export const INSTANCE_ID = "ins_3A1mKq0ZbT7xWcJ9dLhRv5YsN2e";
