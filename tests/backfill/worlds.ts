import type { Fault, Faults } from "../clerk_api/faults.ts";
import type { ClerkInstance, ListQuery, Page } from "../clerk_api/instance.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import type { Command } from "../../scripts/converge/clerk/commands.ts";
import { type History, simulate } from "../../scripts/converge/clerk/simulator.ts";

const ROLES = ["org:member", "org:admin", "org:billing"];

/** An instance of so many users, a fifth as many organizations, and some three times as many memberships. */
export function crowd(count: number, instance: WorldInstance = new WorldInstance()): WorldInstance {
  const users = Array.from({ length: count }, () => instance.addUser());
  const organizations = Array.from(
    { length: Math.ceil(count / 5) },
    (_, index) =>
      instance.addOrganization({ created_by: users[index]!, slug: `organization-${index}` }),
  );
  for (const [index, user] of users.entries()) {
    for (const step of [1, 2, 3]) {
      const where = (index + step) % organizations.length;
      // The creator is a member already.
      if (where !== index) {
        instance.addMembership(organizations[where]!, user, ROLES[(index + step) % ROLES.length]);
      }
    }
  }
  return instance;
}

/** Long ago: no webhook of it can be under way. */
const LONG_AGO = Date.UTC(2026, 2, 2, 9);

/** An instance whose changes all happened long ago. */
export function oldInstance(id?: string): WorldInstance {
  let ms = LONG_AGO;
  return new WorldInstance(undefined, { ...(id && { id }), now: () => ms += 1000 });
}

/** Three users, two organizations of the first one, and the second one in both. */
export function smallWorld(): WorldInstance {
  const instance = oldInstance();
  const ada = instance.addUser({ id: "user_ada" });
  const grace = instance.addUser({ id: "user_grace" });
  instance.addUser({ id: "user_linus" });
  const engines = instance.addOrganization({ id: "org_engines", slug: "engines" });
  const navy = instance.addOrganization({ id: "org_navy", slug: "navy" });
  instance.changeOrganization(engines, { created_by: ada });
  instance.changeOrganization(navy, { created_by: ada });
  instance.addMembership(engines, ada, "org:admin", { id: "orgmem_ada_engines" });
  instance.addMembership(navy, ada, "org:admin", { id: "orgmem_ada_navy" });
  instance.addMembership(engines, grace, "org:member", { id: "orgmem_engines" });
  instance.addMembership(navy, grace, "org:admin", { id: "orgmem_navy" });
  return instance;
}

/**
 * The same; org_engines pays for `pro` after a `team` that has ended, user_ada has the default plan, and org_engines has
 * invited two, of whom one has accepted.
 */
export function paidWorld(): WorldInstance {
  const instance = smallWorld();
  instance.addItem("org_engines", "team", { id: "csub_item_old", status: "ended" });
  instance.addItem("org_engines", "pro", { id: "csub_item_engines" });
  instance.addItem("user_ada", "free", { id: "csub_item_ada", period_end: null });
  instance.addInvitation("org_engines", { id: "orginv_mary" });
  instance.addInvitation("org_engines", { id: "orginv_grace", status: "accepted" });
  return instance;
}

const WHOLE: ListQuery = { limit: Infinity, offset: 0, isAscending: true };

/** An instance whose lists lack some objects that it has: whoever asks for one of them alone gets it. */
export function hiding(instance: ClerkInstance, ids: string[]): ClerkInstance {
  const isShown = (text: string) => !ids.includes(JSON.parse(text).id);
  const pageOf = (items: string[], { limit, offset }: ListQuery): Page => {
    const shown = items.filter(isShown);
    return { items: shown.slice(offset, offset + limit), total: shown.length };
  };
  return {
    id: instance.id,
    user: (id) => instance.user(id),
    organization: (id) => instance.organization(id),
    countUsers: (some) => instance.countUsers(some),
    users: (query) =>
      query.ids
        ? instance.users(query)
        : pageOf(instance.users({ ...query, ...WHOLE }), query).items,
    organizations: (query) => pageOf(instance.organizations(WHOLE).items, query),
    memberships: (query) =>
      query.organizationId || query.userIds
        ? instance.memberships(query)
        : pageOf(instance.memberships({ ...query, ...WHOLE }).items, query),
    subscriptionItems: (query) =>
      pageOf(instance.subscriptionItems({ ...query, offset: 0, limit: Infinity }).items, query),
    subscriptionItem: (id) => instance.subscriptionItem(id),
    subscription: (payerId) => instance.subscription(payerId),
    invitations: (query) => pageOf(instance.invitations({ ...query, ...WHOLE }).items, query),
    invitation: (organizationId, id) => instance.invitation(organizationId, id),
  };
}

/** A Clerk that lives through a history as far as it is told to, and with each answer by `perAnswer` commands more. */
export class LivingClerk implements ClerkInstance {
  readonly id: string;
  readonly perAnswer: number;
  #lived = 0;
  #now: WorldInstance;

  constructor(
    readonly commands: readonly Command[],
    readonly tag: string,
    { id, perAnswer = 0 }: { id?: string; perAnswer?: number },
  ) {
    this.#now = new WorldInstance(simulate([], tag).world, { ...(id && { id }) });
    this.id = this.#now.id;
    this.perAnswer = perAnswer;
  }

  get isOver(): boolean {
    return this.#lived === this.commands.length;
  }

  /** Lives through some commands more. */
  live(count: number): WorldInstance {
    if (count === 0 || this.isOver) return this.#now;
    this.#lived = Math.min(this.#lived + count, this.commands.length);
    return this.#now = new WorldInstance(this.history().world, { id: this.id });
  }

  history(): History {
    return simulate(this.commands.slice(0, this.#lived), this.tag);
  }

  user = (id: string) => this.live(this.perAnswer).user(id);
  users: ClerkInstance["users"] = (query) => this.live(this.perAnswer).users(query);
  countUsers: ClerkInstance["countUsers"] = (ids) => this.live(this.perAnswer).countUsers(ids);
  organization = (id: string) => this.live(this.perAnswer).organization(id);
  organizations: ClerkInstance["organizations"] = (query) =>
    this.live(this.perAnswer).organizations(query);
  memberships: ClerkInstance["memberships"] = (query) =>
    this.live(this.perAnswer).memberships(query);
  subscriptionItems: ClerkInstance["subscriptionItems"] = (query) =>
    this.live(this.perAnswer).subscriptionItems(query);
  subscriptionItem = (id: string) => this.live(this.perAnswer).subscriptionItem(id);
  subscription = (payerId: string) => this.live(this.perAnswer).subscription(payerId);
  invitations: ClerkInstance["invitations"] = (query) =>
    this.live(this.perAnswer).invitations(query);
  invitation: ClerkInstance["invitation"] = (organizationId, id) =>
    this.live(this.perAnswer).invitation(organizationId, id);
}

/** More than an index takes, and nothing that compresses: no organization can have it for a slug. */
export function slugTooLong(): string {
  return Array.from({ length: 400 }, () => crypto.randomUUID()).join("");
}

/** What goes wrong at Clerk and passes. */
export const PASSING: Fault[] = [
  { kind: "rate_limited", retryAfterSeconds: null },
  { kind: "rate_limited", retryAfterSeconds: 0 },
  { kind: "server_error", status: 500 },
  { kind: "server_error", status: 502 },
  { kind: "slow", ms: 30 },
  { kind: "hang" },
  { kind: "cut_off" },
  { kind: "html" },
  { kind: "broken_json" },
  { kind: "other_json", body: { data: null } },
  { kind: "foreign_error", status: 404 },
];

/** What goes wrong at Clerk and lasts, and the word with which a run ends. */
export const LASTING: [Fault, string][] = [
  [{ kind: "server_error", status: 503 }, "clerk_unavailable"],
  [{ kind: "cut_off" }, "clerk_unavailable"],
  [{ kind: "hang" }, "clerk_unavailable"],
  [{ kind: "rate_limited", retryAfterSeconds: null }, "clerk_rate_limited"],
  [{ kind: "html" }, "clerk_invalid_answer"],
  [{ kind: "broken_json" }, "clerk_invalid_answer"],
  [{ kind: "other_json", body: { data: null } }, "clerk_invalid_answer"],
  [{ kind: "foreign_error", status: 404 }, "clerk_invalid_answer"],
];

/** Settings with which each passing fault strikes twice, one after each page; `strikes`: how many are still to come. */
export function striking({ faults }: { faults: Faults }) {
  const strikes = [...PASSING, ...PASSING];
  const onPage = () => {
    const fault = strikes.shift();
    if (fault) faults.next(1, fault);
  };
  return { strikes, timeoutMs: 1_000, onPage };
}
