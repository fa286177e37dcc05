import fc, { type Arbitrary } from "fast-check";

/** What a user's account looks like. Numbers choose among few values, so that histories shrink well. */
export interface ProfileChoice {
  /** Which address is the primary one: of a user without any, with one, or not the first of two. */
  email: "none" | "only" | "second";
  name: number;
  username: boolean;
  banned: boolean;
  deprovisioned: boolean;
}

/**
 * Which events of an object reach the endpoint. `updates`: the object is older than the endpoint; `none`: the endpoint
 * does not subscribe to its type. Memberships then tell of it all the same.
 */
export type Announced = "all" | "updates" | "none";

/** What tells of a subscription item: an event of its own, its subscription's, or both. */
export type ToldBy = "item" | "subscription" | "both";

/** When a command happens, in ms: after the one before, 0 being the same millisecond; and how late its events say so. */
interface Timing {
  gap: number;
  lag: number;
}

/** One thing that happens in Clerk. A number that chooses an object is taken modulo how many there are. */
export type Command =
  & Timing
  & (
    | { do: "create_user"; profile: ProfileChoice; announced: Announced }
    | { do: "update_user"; user: number; profile: ProfileChoice }
    | { do: "delete_user"; user: number; cascades: boolean }
    | {
      do: "create_organization";
      /** Null: made by the Backend API for nobody. */
      creator: number | null;
      slug: number | null;
      announced: Announced;
      /** Whether `created_by` is also in organization.updated, and in what membership events tell of it. */
      updatesNameCreator: boolean;
      membershipsNameCreator: boolean;
      /** Whether the creator's organizationMembership.created reaches the endpoint. */
      announcesCreator: boolean;
    }
    | { do: "update_organization"; organization: number; slug: number | null; name: number }
    | { do: "swap_slugs"; organization: number; other: number }
    | { do: "delete_organization"; organization: number; cascades: boolean }
    | { do: "add_member"; organization: number; user: number; role: number }
    | { do: "rejoin"; membership: number; role: number }
    | { do: "change_role"; membership: number; role: number }
    | { do: "remove_member"; membership: number; namesUser: boolean }
    | {
      do: "start_session";
      user: number;
      /** Who signs in as the user; null: the user does. */
      actor: number | null;
    }
    | { do: "end_session"; session: number; revokes: boolean; namesActor: boolean }
    | {
      do: "set_item";
      /** One of the organizations and users. */
      payer: number;
      /** One of the payer's subscription items, or a new one. */
      item: number;
      offer: number;
      status: string;
      told: ToldBy;
    }
    | { do: "invite"; organization: number; inviter: number; role: number }
    /** By a user who accepts, or else by revoking it; `isDated`: with a new `updated_at`. */
    | { do: "answer_invitation"; invitation: number; user: number | null; isDated: boolean }
  );

/** Role keys as Clerk sends them; the last two are those of old instances. */
export const ROLES = [
  "org:admin",
  "org:member",
  "org:billing",
  "org:owner",
  "admin",
  "basic_member",
] as const;

/** One of these keys. */
export type Role = typeof ROLES[number];

/** Of subscription items, as Clerk sends them; the first three are in force. */
const STATUSES = "active past_due canceled upcoming ended incomplete abandoned".split(" ");

/** Which histories to tell. */
interface Variety {
  /** The most commands after the first users and organizations. */
  length: number;
  users: number;
  organizations: number;
}

const SHORT: Variety = { length: 24, users: 3, organizations: 3 };

/** Histories of Clerk, as commands. Shrinks to few commands of small numbers. */
export function histories(variety: Partial<Variety> = {}): Arbitrary<Command[]> {
  return fc.oneof(
    { weight: 4, arbitrary: tell(variety, { announced: MOSTLY_ALL, announcesCreator: MOSTLY }) },
    // Endpoints that subscribe to memberships alone live on stubs.
    { weight: 1, arbitrary: tell(variety, { announced: HARDLY_ANY, announcesCreator: MOSTLY }) },
  );
}

/** Histories of which every event is announced: Clerk's own state is then the state of the tables. */
export function completeHistories(variety: Partial<Variety> = {}): Arbitrary<Command[]> {
  return tell(variety, { announced: fc.constant("all"), announcesCreator: fc.constant(true) });
}

/** What the endpoint is told. */
interface Subscription {
  announced: Arbitrary<Announced>;
  announcesCreator: Arbitrary<boolean>;
}

const MOSTLY = fc.constantFrom(true, true, true, false);
const MOSTLY_ALL = fc.constantFrom<Announced[]>("all", "all", "all", "all", "updates", "none");
const HARDLY_ANY = fc.constantFrom<Announced[]>("none", "none", "none", "updates");

function tell(variety: Partial<Variety>, subscription: Subscription): Arbitrary<Command[]> {
  const { length, users, organizations } = { ...SHORT, ...variety };
  const few = { minLength: 1 };
  return fc.tuple(
    fc.array(createUser(subscription), { ...few, maxLength: users }),
    fc.array(createOrganization(subscription), { ...few, maxLength: organizations }),
    fc.array(anyCommand(subscription), {
      minLength: Math.ceil(length / 4),
      maxLength: length,
      size: "max",
    }),
  ).map((parts) => parts.flat());
}

const choice = fc.nat(7);

/** Half of the changes share a millisecond with the one before. */
const timing = {
  gap: fc.constantFrom(0, 0, 1, 7),
  lag: fc.constantFrom(0, 5, 18, 40),
};

const profile: Arbitrary<ProfileChoice> = fc.record({
  email: fc.constantFrom("only", "second", "none"),
  name: fc.nat(4),
  username: fc.boolean(),
  banned: fc.constantFrom(false, false, true),
  deprovisioned: fc.constantFrom(false, false, false, true),
});

function createUser({ announced }: Subscription): Arbitrary<Command> {
  return fc.record({
    do: fc.constant("create_user"),
    ...timing,
    profile,
    announced,
  });
}

function createOrganization({ announced, announcesCreator }: Subscription): Arbitrary<Command> {
  return fc.record({
    do: fc.constant("create_organization"),
    ...timing,
    creator: fc.option<number>(choice, { freq: 5 }),
    slug: fc.option<number>(fc.nat(2), { freq: 5 }),
    announced,
    updatesNameCreator: fc.boolean(),
    membershipsNameCreator: fc.boolean(),
    announcesCreator,
  });
}

/** How each field of a command is chosen. */
type Choices<Name extends Command["do"]> = {
  [Field in Exclude<keyof Extract<Command, { do: Name }>, keyof Timing | "do">]: Arbitrary<
    Extract<Command, { do: Name }>[Field]
  >;
};

function anyCommand(subscription: Subscription): Arbitrary<Command> {
  const a = <Name extends Command["do"]>(weight: number, name: Name, fields: Choices<Name>) => ({
    weight,
    // The fields are checked above; which command they make up the compiler does not see.
    arbitrary: fc.record<object>({ do: fc.constant(name), ...timing, ...fields }) as Arbitrary<
      Command
    >,
  });
  const role = choice;
  const yes = fc.boolean();
  const slug = fc.option<number>(fc.nat(2), { freq: 5 });
  return fc.oneof(
    { weight: 1, arbitrary: createUser(subscription) },
    { weight: 1, arbitrary: createOrganization(subscription) },
    a(2, "update_user", { user: choice, profile }),
    a(1, "delete_user", { user: choice, cascades: yes }),
    a(2, "update_organization", { organization: choice, slug, name: fc.nat(3) }),
    a(2, "swap_slugs", { organization: choice, other: choice }),
    a(1, "delete_organization", { organization: choice, cascades: yes }),
    a(5, "add_member", { organization: choice, user: choice, role }),
    a(5, "change_role", { membership: choice, role }),
    a(4, "remove_member", { membership: choice, namesUser: yes }),
    a(5, "rejoin", { membership: choice, role }),
    a(2, "start_session", { user: choice, actor: fc.option<number>(choice, { freq: 3 }) }),
    a(1, "end_session", { session: choice, revokes: yes, namesActor: yes }),
    a(8, "set_item", {
      payer: choice,
      item: choice,
      offer: fc.nat(5),
      status: fc.constantFrom(...STATUSES),
      told: fc.constantFrom<ToldBy[]>("item", "subscription", "both"),
    }),
    a(2, "invite", { organization: choice, inviter: choice, role }),
    a(2, "answer_invitation", {
      invitation: choice,
      user: fc.option<number>(choice, { freq: 2 }),
      isDated: yes,
    }),
  );
}
