import { type ClerkApi, ClerkApiError } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { toIsoTime } from "../../supabase/functions/_clerk_sync/clerk/fields.ts";
import { membershipArguments } from "../../supabase/functions/_clerk_sync/clerk/membership.ts";
import { organizationArguments } from "../../supabase/functions/_clerk_sync/clerk/organization.ts";
import { userArguments } from "../../supabase/functions/_clerk_sync/clerk/user.ts";
import type { RpcName } from "../../supabase/functions/_clerk_sync/database/rpc.ts";
import { type Place, type Portion, readByCursor, readByOffset } from "./reading.ts";

/** What Clerk lists, in the order in which it is written: memberships need the other two. */
export const KIND_NAMES = ["users", "organizations", "memberships"] as const;

export type KindName = (typeof KIND_NAMES)[number];

/** One object of Clerk's, as the bulk RPCs take it: the arguments of the single RPC by name. */
export interface Element {
  p_external_id: string;
  p_updated_at: string | null;
  /** When this state was true at Clerk, by Clerk itself: a second reading is then no newer than the first. */
  p_event_at: string | null;
}

/** How pages are asked for. */
export interface PageOptions {
  /** Rows on a page, two at least. */
  limit: number;
  /** Pages of one list that are under way at once, where Clerk allows that. */
  concurrency: number;
}

/** A kind of object: where Clerk lists it, and which RPCs take a page of it. */
export interface Kind {
  name: KindName;
  /** The RPC that writes a page, the one that compares a page with what is stored, and their one parameter. */
  rpcs: { write: RpcName; compare: RpcName; parameter: string };
  read(clerk: ClerkApi, options: PageOptions, from: Place): AsyncGenerator<Portion<Element>>;
}

/** All three, in the order in which they are written. */
export const KINDS: readonly Kind[] = [
  {
    name: "users",
    rpcs: { write: "sync_upsert_users", compare: "sync_compare_users", parameter: "p_users" },
    read(clerk, { limit }, from) {
      const fetch = (after: string | null) => clerk.users({ limit, after });
      const portions = readByCursor({ list: "users", fetch }, from);
      return mapped(portions, (user) => ({ ...userArguments(user), ...times(user) }));
    },
  },
  {
    name: "organizations",
    rpcs: { write: "sync_upsert_orgs", compare: "sync_compare_orgs", parameter: "p_organizations" },
    read(clerk, options, from) {
      const fetch = clerk.organizations;
      const portions = readByOffset({ list: "organizations", fetch, ...options }, from);
      return mapped(portions, (one) => ({ ...organizationArguments(one), ...times(one) }));
    },
  },
  {
    name: "memberships",
    rpcs: {
      write: "sync_set_memberships",
      compare: "sync_compare_memberships",
      parameter: "p_memberships",
    },
    read(clerk, options, from) {
      const fetch = clerk.memberships;
      const portions = readByOffset({ list: "memberships", fetch, ...options }, from);
      return mapped(portions, (one) => ({
        ...membershipArguments(one),
        p_role: one.role,
        ...times(one),
      }));
    },
  },
];

interface Timed {
  created_at?: number | null | undefined;
  updated_at?: number | null | undefined;
}

function times({ created_at, updated_at }: Timed) {
  return { p_updated_at: toIsoTime(updated_at), p_event_at: toIsoTime(updated_at ?? created_at) };
}

async function* mapped<Item>(
  portions: AsyncGenerator<Portion<Item>>,
  toElement: (item: Item) => Element,
): AsyncGenerator<Portion<Element>> {
  for await (const portion of portions) yield { ...portion, items: portion.items.map(toElement) };
}

/** What an instance may do without: Clerk's Dashboard has a switch for organizations, and none for users. */
export const OPTIONAL_KINDS: readonly KindName[] = ["organizations", "memberships"];

/** Whether an error says that the instance has a kind switched off. It says nothing then of any object of that kind. */
export function isSwitchedOff(name: KindName, error: unknown): boolean {
  return OPTIONAL_KINDS.includes(name) && error instanceof ClerkApiError &&
    error.failure === "not_enabled";
}

/** What people are told, once. `held`: what of it is here all the same, in words; null: nothing is. */
export function describeSwitchedOff(held: string | null): string[] {
  return [
    "Organizations are switched off in Clerk: there was nothing of them to read.",
    ...(held === null ? [] : [
      `Warning: ${held} are here all the same, and stay, with the access that they give.`,
      "Switch organizations on again in Clerk, or end them here by delete_org(…), which is final.",
    ]),
  ];
}
