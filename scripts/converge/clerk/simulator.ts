import {
  invitationBody,
  itemState,
  membershipBody,
  organizationBody,
  sessionBody,
  subscriptionBody,
  type SubscriptionItemBody,
  subscriptionItemBody,
  userBody,
} from "./bodies.ts";
import { type Command, ROLES } from "./commands.ts";
import {
  type Body,
  type ClerkEvent,
  isInForce,
  type Membership,
  type Organization,
  type Session,
  type User,
  type World,
} from "./world.ts";

/** What happened, and what Clerk holds at the end. */
export interface History {
  events: ClerkEvent[];
  world: World;
}

/** All histories begin then, in ms. */
const BEGINS_AT = Date.UTC(2026, 2, 2, 9);

/** From an object's `created_at` to its `updated_at` in Clerk's own bodies. */
const SETTLES_IN_MS = 18;

const SLUGS = ["red", "green", "blue"];

/** Lets Clerk live through the commands. `tag` goes into every id and slug: two histories of other tags share none. */
export function simulate(commands: readonly Command[], tag: string): History {
  const clerk = new Clerk(tag);
  for (const command of commands) clerk.run(command);
  return { events: clerk.events, world: clerk.world };
}

class Clerk {
  readonly events: ClerkEvent[] = [];
  readonly world: World = {
    users: [],
    organizations: [],
    memberships: [],
    sessions: [],
    subscriptions: [],
    invitations: [],
  };
  readonly #tag: string;
  #now = BEGINS_AT;
  #lag = 0;
  #gap = 0;
  #ids = 0;
  /** When each object last changed, and the time of the event that said so. */
  readonly #told = new Map<string, { changedAt: number; timestamp: number }>();

  constructor(tag: string) {
    this.#tag = tag;
  }

  /** Does what can be done; a command about what is not there does nothing. */
  run(command: Command): void {
    this.#gap = command.gap;
    this.#lag = command.lag;
    this.#tick();
    (this.#does[command.do] as (command: Command) => void)(command);
  }

  readonly #does: { [Name in Command["do"]]: (command: Extract<Command, { do: Name }>) => void } = {
    create_user: ({ profile, announced }) => {
      const created_at = this.#now;
      const user: User = {
        id: this.#id("user"),
        number: this.world.users.length,
        announced,
        profile,
        created_at,
        updated_at: this.#settle(),
        deletedAt: null,
        barredAt: null,
      };
      noteBarred(user);
      this.world.users.push(user);
      if (announced === "all") this.#tell({ type: "user.created", data: userBody(user) });
    },

    update_user: ({ user: choice, profile }) => {
      const user = pick(this.#users(), choice);
      if (!user) return;
      user.profile = profile;
      user.updated_at = this.#now;
      noteBarred(user);
      if (user.announced !== "none") this.#tell({ type: "user.updated", data: userBody(user) });
    },

    delete_user: ({ user: choice, cascades }) => {
      const user = pick(this.#users(), choice);
      if (!user) return;
      const memberships = this.#inForce().filter((membership) => membership.user === user);
      user.deletedAt = this.#now;
      if (user.announced !== "none") {
        const data = { object: "user", id: user.id, deleted: true } as const;
        user.deletedAt = this.#tell({ type: "user.deleted", data });
      }
      if (cascades) this.#remove(memberships);
    },

    create_organization: (command) => {
      const creator = command.creator === null ? undefined : pick(this.#users(), command.creator);
      const created_at = this.#now;
      const number = this.world.organizations.length;
      const organization: Organization = {
        id: this.#id("org"),
        number,
        announced: command.announced,
        updatesNameCreator: command.updatesNameCreator,
        membershipsNameCreator: command.membershipsNameCreator,
        createdBy: creator?.id ?? null,
        name: `Organization ${number}`,
        slug: this.#freeSlug(command.slug),
        created_at,
        updated_at: this.#settle(),
        deletedAt: null,
      };
      this.world.organizations.push(organization);
      if (command.announced === "all") {
        this.#tell({ type: "organization.created", data: organizationBody(organization, true) });
      }
      if (!creator) return;
      this.#tick();
      this.#join(organization, creator, 0, command.announcesCreator);
    },

    update_organization: (command) => {
      const organization = pick(this.#organizations(), command.organization);
      if (!organization) return;
      organization.name = `Organization ${organization.number}${"!".repeat(command.name)}`;
      this.#setSlug(organization, this.#freeSlug(command.slug, organization));
    },

    /** A gives its slug up for a temporary one, B takes it, A takes B's. */
    swap_slugs: (command) => {
      const first = pick(this.#organizations(), command.organization);
      const second = pick(this.#organizations(), command.other);
      if (!first || !second || first === second) return;
      const [a, b] = [first.slug, second.slug];
      this.#setSlug(first, `${this.#tag}-tmp`);
      this.#tick();
      this.#setSlug(second, a);
      this.#tick();
      this.#setSlug(first, b);
    },

    delete_organization: (command) => {
      const organization = pick(this.#organizations(), command.organization);
      if (!organization) return;
      const memberships = this.#inForce().filter((one) => one.organization === organization);
      organization.deletedAt = this.#now;
      if (organization.announced !== "none") {
        const data = { object: "organization", id: organization.id, deleted: true } as const;
        organization.deletedAt = this.#tell({ type: "organization.deleted", data });
      }
      if (command.cascades) this.#remove(memberships);
    },

    add_member: ({ organization, user, role }) => {
      const where = pick(this.#organizations(), organization);
      const who = pick(this.#users(), user);
      if (where && who) this.#join(where, who, role, true);
    },

    rejoin: ({ membership, role }) => {
      const left = pick(this.world.memberships.filter(({ isRemoved }) => isRemoved), membership);
      if (!left || left.user.deletedAt !== null || left.organization.deletedAt !== null) return;
      this.#join(left.organization, left.user, role, true);
    },

    change_role: ({ membership: choice, role }) => {
      const membership = pick(this.#inForce(), choice);
      if (!membership) return;
      membership.role = ROLES[role % ROLES.length]!;
      membership.updated_at = this.#now;
      membership.isNamed = true;
      this.#tell({
        type: "organizationMembership.updated",
        data: membershipBody(membership, true),
      });
    },

    remove_member: ({ membership: choice, namesUser }) => {
      const membership = pick(this.#inForce(), choice);
      if (membership) this.#remove([membership], namesUser);
    },

    start_session: ({ user: choice, actor }) => {
      const user = pick(this.#users(), choice);
      if (!user) return;
      const at = this.#now;
      const session: Session = {
        id: this.#id("sess"),
        user,
        actor: actor === null ? null : pick(this.#users(), actor)?.id ?? null,
        status: "active",
        created_at: at,
        updated_at: at,
        endedAt: null,
      };
      this.world.sessions.push(session);
      this.#tell({ type: "session.created", data: sessionBody(session, true) });
    },

    end_session: (command) => {
      const { session: choice, revokes, namesActor } = command;
      const active = this.world.sessions.filter(({ status }) => status === "active");
      const session = pick(active, choice);
      if (!session) return;
      session.status = revokes ? "revoked" : "ended";
      session.updated_at = this.#now;
      const type = revokes ? "session.revoked" : "session.ended";
      session.endedAt = this.#tell({ type, data: sessionBody(session, namesActor) });
    },

    set_item: ({ payer: who, item: which, offer, status, told }) => {
      const payer = pick([...this.#organizations(), ...this.#users()], who);
      if (!payer) return;
      const created = subscriptionItemBody(this.#id("csub_item"), payer, this.#now);
      const isOfPayer = (one: SubscriptionItemBody) =>
        one.subscription_id === created.subscription_id;
      const item = pick([...this.world.subscriptions.filter(isOfPayer), created], which)!;
      if (item === created) this.world.subscriptions.push(item);
      const unchanged = offer === 1 ? "freeTrialEnding" : "updated";
      const word = status === item.status ? unchanged : status.replace("past_due", "pastDue");
      Object.assign(item, itemState(offer, status), { updated_at: this.#now });
      if (told !== "subscription") {
        // The one of two events that says less.
        const data = { ...item, ...(told === "both" && { subscription_id: null }) };
        this.#tell({ type: `subscriptionItem.${word}`, data });
      }
      if (told === "item") return;
      const data = subscriptionBody(this.world.subscriptions.filter(isOfPayer));
      const same = ["active", "pastDue"].find((name) => name === word);
      const type = data.items.length === 1 ? "created" : same ?? "updated";
      this.#tell({ type: `subscription.${type}`, data });
    },

    invite: ({ organization, inviter, role: choice }) => {
      const where = pick(this.#organizations(), organization);
      if (!where) return;
      const who = pick(this.#users(), inviter)?.id ?? null;
      const role = ROLES[choice % ROLES.length]!;
      const data = invitationBody(this.#id("orginv"), where.id, role, who, this.#now);
      this.world.invitations.push(data);
      this.#tell({ type: "organizationInvitation.created", data: { ...data } });
    },

    /** Later it may be answered otherwise, but nobody else accepts it. */
    answer_invitation: ({ invitation: which, user: who, isDated }) => {
      const user = who === null ? undefined : pick(this.#users(), who);
      const open = this.world.invitations.filter(({ status, user_id }) =>
        user ? user_id === null : status !== "revoked"
      );
      const invitation = pick(open, which);
      if (!invitation) return;
      if (isDated || invitation.status !== "pending") invitation.updated_at = this.#now;
      invitation.status = user ? "accepted" : "revoked";
      invitation.user_id ??= user?.id ?? null;
      const type = `organizationInvitation.${invitation.status}` as const;
      this.#tell({ type, data: { ...invitation, inviter_id: null } });
      const where = this.#organizations().find(({ id }) => id === invitation.organization_id);
      if (user && where) this.#join(where, user, ROLES.indexOf(invitation.role), true);
    },
  };

  #join(organization: Organization, user: User, role: number, isAnnounced: boolean): void {
    const isMember = this.#inForce().some((one) =>
      one.organization === organization && one.user === user
    );
    if (isMember) return;
    const membership: Membership = {
      id: this.#id("orgmem"),
      organization,
      user,
      role: ROLES[role % ROLES.length]!,
      isNamed: isAnnounced,
      created_at: this.#now,
      updated_at: this.#now,
      isRemoved: false,
    };
    this.world.memberships.push(membership);
    if (!isAnnounced) return;
    this.#tell({ type: "organizationMembership.created", data: membershipBody(membership, true) });
  }

  /** `updated_at` stays that of the last update, as in Clerk's own examples. */
  #remove(memberships: Membership[], namesUser: boolean = true): void {
    for (const membership of memberships) {
      membership.isRemoved = true;
      // An id of which nobody has heard says nothing without its user.
      const data = membershipBody(membership, namesUser || !membership.isNamed);
      this.#tell({ type: "organizationMembership.deleted", data });
      this.#tick();
    }
  }

  #setSlug(organization: Organization, slug: string | null): void {
    organization.slug = slug;
    organization.updated_at = this.#now;
    if (organization.announced === "none") return;
    const data = organizationBody(organization, organization.updatesNameCreator);
    this.#tell({ type: "organization.updated", data });
  }

  /** Slugs are unique among the organizations of one moment. */
  #freeSlug(choice: number | null, owner?: Organization): string | null {
    if (choice === null) return null;
    const slug = `${this.#tag}-${SLUGS[choice % SLUGS.length]}`;
    const holder = this.#organizations().find((one) => one.slug === slug);
    return !holder || holder === owner ? slug : (owner?.slug ?? null);
  }

  #users(): User[] {
    return this.world.users.filter(({ deletedAt }) => deletedAt === null);
  }

  #organizations(): Organization[] {
    return this.world.organizations.filter(({ deletedAt }) => deletedAt === null);
  }

  #inForce(): Membership[] {
    return this.world.memberships.filter(isInForce);
  }

  #tick(): void {
    this.#now += this.#gap;
  }

  #settle(): number {
    return this.#now += SETTLES_IN_MS;
  }

  /**
   * Ids of one millisecond sort by age, for nothing else tells their objects apart; those of different times sort by no
   * rule. Digits of one length sort alike under every collation.
   */
  #id(prefix: string, at: number = this.#now): string {
    const [scrambled, count] = [((at % 9973) * 7919) % 9973, ++this.#ids];
    return `${prefix}_${this.#tag}${digits(scrambled)}${digits(count)}`;
  }

  /**
   * Emits an event, and returns the time that it names. Events lag by different times, so those of two changes can run
   * backwards, but not those of two changes of one object in one millisecond.
   */
  #tell(body: Body): number {
    const { data } = body;
    const objects: { id: string }[] = "items" in data ? data.items : [data];
    const earlier = objects.map(({ id }) => this.#told.get(id))
      .flatMap((last) => last?.changedAt === this.#now ? [last.timestamp] : []);
    const timestamp = Math.max(this.#now + this.#lag, ...earlier);
    for (const { id } of objects) this.#told.set(id, { changedAt: this.#now, timestamp });
    this.events.push({ ...body, id: this.#id("msg", timestamp), timestamp });
    return timestamp;
  }
}

function noteBarred(user: User): void {
  const { banned, deprovisioned } = user.profile;
  if (banned || deprovisioned) user.barredAt = user.updated_at;
}

function pick<Item>(items: Item[], choice: number): Item | undefined {
  return items[choice % items.length];
}

function digits(value: number): string {
  return String(value).padStart(4, "0");
}
