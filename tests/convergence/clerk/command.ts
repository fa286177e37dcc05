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

/** When a command happens, in ms: after the one before, 0 being the same millisecond; and how late its events say so. */
export interface Timing {
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
