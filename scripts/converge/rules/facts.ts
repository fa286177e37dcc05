import type { InvitationBody, SubscriptionBody, SubscriptionItemBody } from "../clerk/bodies.ts";
import type {
  ClerkEvent,
  MembershipBody,
  OrganizationBody,
  PublicUserData,
  SessionBody,
  UserBody,
} from "../clerk/world.ts";

/** What one event says of an object. A stub is told in passing by an event about something else. */
export interface Claim<Body> {
  event: ClerkEvent;
  body: Body;
  /** Null of a stub, which any real snapshot overrides. */
  updatedAt: number | null;
}

/** Rule 1: `(updated_at, event timestamp, svix-id)`, compared as a tuple. */
export function isNewer(claim: Claim<unknown>, other: Claim<unknown>): boolean {
  const [a, b] = [claim.updatedAt ?? -1, other.updatedAt ?? -1];
  if (a !== b) return a > b;
  const [s, t] = [claim.event.timestamp, other.event.timestamp];
  return s === t ? claim.event.id > other.event.id : s > t;
}

/** The claim that wins, in whatever order they came. */
export function newest<One extends Claim<unknown>>(claims: Iterable<One>): One | undefined {
  let winner: One | undefined;
  for (const claim of claims) if (!winner || isNewer(claim, winner)) winner = claim;
  return winner;
}

/** What is known of one membership id, a generation of its pair. */
export interface Generation {
  id: string;
  createdAt: number;
  organization: string;
  /** Null until some event has named it. */
  user: string | null;
  isDeleted: boolean;
  claims: Claim<MembershipBody>[];
}

/** Everything that a set of events says, sorted by what it is about. No order of arrival is in it. */
export interface Facts {
  users: Map<string, (Claim<UserBody> | Claim<PublicUserData>)[]>;
  organizations: Map<string, Claim<OrganizationBody>[]>;
  generations: Map<string, Generation>;
  sessions: Map<string, Claim<SessionBody>[]>;
  items: Map<string, Claim<SubscriptionItemBody>[]>;
  invitations: Map<string, Claim<InvitationBody>[]>;
  /** Organizations whose creation was announced, with the creator that it names. */
  creations: Map<string, OrganizationBody>;
  deletedAt: Map<string, number>;
}

/** Reads events one by one; the same event again adds nothing. */
export class FactBook implements Facts {
  readonly users: Facts["users"] = new Map();
  readonly organizations: Facts["organizations"] = new Map();
  readonly generations: Facts["generations"] = new Map();
  readonly sessions: Facts["sessions"] = new Map();
  readonly items: Facts["items"] = new Map();
  readonly invitations: Facts["invitations"] = new Map();
  readonly creations: Facts["creations"] = new Map();
  readonly deletedAt: Facts["deletedAt"] = new Map();
  readonly #read = new Set<string>();

  constructor(events: Iterable<ClerkEvent> = []) {
    for (const event of events) this.add(event);
  }

  add(event: ClerkEvent): void {
    if (this.#read.has(event.id)) return;
    this.#read.add(event.id);
    switch (event.type) {
      case "user.created":
      case "user.updated":
        return claim(this.users, event.data.id, real(event, event.data));
      case "organization.created":
        this.creations.set(event.data.id, event.data);
        return claim(this.organizations, event.data.id, real(event, event.data));
      case "organization.updated":
        return claim(this.organizations, event.data.id, real(event, event.data));
      case "user.deleted":
      case "organization.deleted":
        this.deletedAt.set(event.data.id, event.timestamp);
        return;
      case "organizationMembership.created":
      case "organizationMembership.updated":
        return void this.#membership(event, event.data).claims.push(real(event, event.data));
      case "organizationMembership.deleted":
        this.#membership(event, event.data).isDeleted = true;
        return;
      case "session.created":
      case "session.ended":
      case "session.revoked":
        return claim(this.sessions, event.data.id, real(event, event.data));
      default:
        return this.#snapshots(event, event.data);
    }
  }

  /** A subscription says for its items who pays. */
  #snapshots(event: ClerkEvent, data: SubscriptionItemBody | SubscriptionBody | InvitationBody) {
    if (data.object === "organization_invitation") {
      return claim(this.invitations, data.id, real(event, data));
    }
    const items = data.object === "subscription_item"
      ? [data]
      : data.items.map((item) => ({ ...item, payer: data.payer, subscription_id: data.id }));
    for (const item of items) claim(this.items, item.id, real(event, item));
  }

  /** Rule 5: every membership event, a deleting one too, carries stubs. */
  #membership(event: ClerkEvent, body: MembershipBody): Generation {
    const { organization, public_user_data: user } = body;
    claim(this.organizations, organization.id, { event, body: organization, updatedAt: null });
    if (user) claim(this.users, user.user_id, { event, body: user, updatedAt: null });
    const generation = this.generations.get(body.id) ?? {
      id: body.id,
      createdAt: body.created_at,
      organization: organization.id,
      user: null,
      isDeleted: false,
      claims: [],
    };
    this.generations.set(body.id, generation);
    generation.user ??= user?.user_id ?? null;
    return generation;
  }
}

function real<Body extends { updated_at: number }>(event: ClerkEvent, body: Body): Claim<Body> {
  return { event, body, updatedAt: body.updated_at };
}

function claim<Key, One>(claims: Map<Key, One[]>, key: Key, one: One): void {
  const known = claims.get(key);
  if (known) known.push(one);
  else claims.set(key, [one]);
}
