import {
  isInForce,
  type Membership,
  type MembershipBody,
  type Organization,
  type OrganizationBody,
  type User,
  type UserBody,
  type World,
} from "../../scripts/converge/clerk/world.ts";

import {
  type InvitationBody,
  invitationBody,
  itemBody,
  planBody,
  type SubscriptionItemBody,
} from "./snapshots.ts";

/** Fields of a body that Clerk is to answer from now on; more than the types name, if a test likes. */
export type Fields<Body> = Partial<Body> & Record<string, unknown>;

/** A world that is changed by hand: each method is one thing that happens in Clerk, and takes or returns Clerk's ids. */
export class WorldChanges {
  /** Subscription items and invitations that were made by hand, by their ids. */
  protected readonly items = new Map<string, SubscriptionItemBody>();
  protected readonly invited = new Map<string, InvitationBody>();
  readonly #fields = new Map<string, Record<string, unknown>>();
  readonly #clock: () => number;
  #lastMs = 0;
  #count = 0;

  constructor(readonly world: World, now: () => number) {
    this.#clock = now;
  }

  addUser(fields: Fields<UserBody> = {}): string {
    const user: User = {
      ...this.#begin("user", fields),
      number: this.world.users.length,
      announced: "all",
      profile: { email: "only", name: 0, username: false, banned: false, deprovisioned: false },
      deletedAt: null,
      barredAt: null,
    };
    this.world.users.push(user);
    this.#set(user, fields);
    return user.id;
  }

  changeUser(id: string, fields: Fields<UserBody>): void {
    this.#change(this.#user(id), fields);
  }

  /** Ends the user's memberships too. */
  deleteUser(id: string): void {
    this.#user(id).deletedAt = this.#now();
  }

  /** As Clerk does it, its creator becomes its first member. */
  addOrganization(fields: Fields<OrganizationBody> = {}): string {
    const number = this.world.organizations.length;
    const organization: Organization = {
      ...this.#begin("org", fields),
      number,
      announced: "all",
      updatesNameCreator: true,
      membershipsNameCreator: true,
      createdBy: fields.created_by ?? null,
      name: fields.name ?? `Organization ${number}`,
      slug: fields.slug ?? null,
      deletedAt: null,
    };
    this.world.organizations.push(organization);
    this.#set(organization, fields);
    if (fields.created_by) this.addMembership(organization.id, fields.created_by, "org:admin");
    return organization.id;
  }

  changeOrganization(id: string, fields: Fields<OrganizationBody>): void {
    this.#change(this.#organization(id), fields);
  }

  /** Ends its memberships and invitations too. */
  deleteOrganization(id: string): void {
    this.#organization(id).deletedAt = this.#now();
    for (const one of this.invited.values()) {
      if (one.organization_id === id) this.invited.delete(one.id);
    }
  }

  addMembership(
    organizationId: string,
    userId: string,
    role: string = "org:member",
    fields: Fields<MembershipBody> = {},
  ): string {
    const [organization, user] = [this.#organization(organizationId), this.#user(userId)];
    const isMember = this.world.memberships.some((one) =>
      isInForce(one) && one.organization === organization && one.user === user
    );
    if (isMember) throw new Error(`${userId} is a member of ${organizationId} already`);
    const start = this.#begin("orgmem", fields);
    const membership = { ...start, organization, user, role, isNamed: true, isRemoved: false };
    this.world.memberships.push(membership);
    this.#set(membership, fields);
    return membership.id;
  }

  changeMembership(id: string, fields: Fields<MembershipBody>): void {
    const membership = this.#membership(id);
    membership.role = fields.role ?? membership.role;
    this.#change(membership, fields);
  }

  removeMembership(id: string): void {
    this.#membership(id).isRemoved = true;
  }

  /** A user or an organization begins to pay for a plan, by its slug: `free` costs nothing. */
  addItem(payerId: string, slug: string, fields: Fields<SubscriptionItemBody> = {}): string {
    const plan = planBody(slug);
    const body = itemBody(this.#begin("csub_item", fields), payerId);
    this.items.set(body.id, { ...body, plan, plan_id: plan.id, ...fields });
    return body.id;
  }

  changeItem(id: string, fields: Fields<SubscriptionItemBody>): void {
    const item = existing(id, [...this.items.values()]);
    this.items.set(id, { ...item, updated_at: this.#now(), ...fields });
  }

  /** Clerk does not have it any more. */
  removeItem(id: string): void {
    this.items.delete(id);
  }

  addInvitation(organizationId: string, fields: Fields<InvitationBody> = {}): string {
    const body = invitationBody(this.#begin("orginv", fields), organizationId);
    this.invited.set(body.id, { ...body, ...fields });
    return body.id;
  }

  changeInvitation(id: string, fields: Fields<InvitationBody>): void {
    const invitation = existing(id, [...this.invited.values()]);
    this.invited.set(id, { ...invitation, updated_at: this.#now(), ...fields });
  }

  /** Clerk does not have it any more. */
  removeInvitation(id: string): void {
    this.invited.delete(id);
  }

  /** What was set by hand of an object. */
  protected fieldsOf(id: string): Record<string, unknown> | undefined {
    return this.#fields.get(id);
  }

  #begin(prefix: string, fields: Fields<{ id: string; created_at: number; updated_at: number }>) {
    const created_at = fields.created_at ?? this.#now();
    const id = fields.id ?? `${prefix}_byHand${String(++this.#count).padStart(20, "0")}`;
    return { id, created_at, updated_at: fields.updated_at ?? created_at };
  }

  #change(object: { id: string; updated_at: number }, fields: Fields<{ updated_at: number }>) {
    object.updated_at = fields.updated_at ?? this.#now();
    this.#set(object, fields);
  }

  /** The times stay the object's own. */
  #set({ id }: { id: string }, { created_at: _, updated_at: __, ...fields }: Fields<object>) {
    this.#fields.set(id, { ...this.#fields.get(id), ...fields });
  }

  /** No two changes happen in one millisecond. */
  #now(): number {
    return this.#lastMs = Math.max(this.#clock(), this.#lastMs + 1);
  }

  #user(id: string): User {
    return existing(id, this.world.users.filter(({ deletedAt }) => deletedAt === null));
  }

  #organization(id: string): Organization {
    return existing(id, this.world.organizations.filter(({ deletedAt }) => deletedAt === null));
  }

  #membership(id: string): Membership {
    return existing(id, this.world.memberships.filter(isInForce));
  }
}

function existing<Item extends { id: string }>(id: string, items: Item[]): Item {
  const item = items.find((one) => one.id === id);
  if (!item) throw new Error(`the instance has no ${id}`);
  return item;
}
