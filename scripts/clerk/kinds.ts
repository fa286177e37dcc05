import { type ClerkApi, ClerkApiError } from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import { toIsoTime } from "../../supabase/functions/_clerk_sync/clerk/fields.ts";
import { invitationArguments } from "../../supabase/functions/_clerk_sync/clerk/invitation.ts";
import { membershipArguments } from "../../supabase/functions/_clerk_sync/clerk/membership.ts";
import { organizationArguments } from "../../supabase/functions/_clerk_sync/clerk/organization.ts";
import { subscriptionArguments } from "../../supabase/functions/_clerk_sync/clerk/subscription.ts";
import { userArguments } from "../../supabase/functions/_clerk_sync/clerk/user.ts";
import type { ObjectType } from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import {
  type OffsetReading,
  type Place,
  type Portion,
  readByCursor,
  readByOffset,
} from "./reading.ts";

/** What Clerk lists, in the order in which it is written: memberships need the two before. */
export const KIND_NAMES = [
  "users",
  "organizations",
  "memberships",
  "subscriptions",
  "invitations",
] as const;

export type KindName = (typeof KIND_NAMES)[number];

/** Something of each kind, by its name. */
export function byKind<Value>(of: (name: KindName) => Value): Record<KindName, Value> {
  const entries = KIND_NAMES.map((name) => [name, of(name)]);
  return Object.fromEntries(entries) as Record<KindName, Value>;
}

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

/** A kind of object: where Clerk lists it, and as what the RPCs take a page of it. */
export interface Kind {
  name: KindName;
  object: ObjectType;
  read(clerk: ClerkApi, options: PageOptions, from: Place): AsyncGenerator<Portion<Element>>;
}

/** All of them, in the order in which they are written. */
export const KINDS: readonly Kind[] = [
  {
    name: "users",
    object: "user",
    read(clerk, { limit }, from) {
      const fetch = (after: string | null) => clerk.users({ limit, after });
      const portions = readByCursor({ list: "users", fetch }, from);
      return mapped(portions, (user) => ({ ...userArguments(user), ...times(user) }));
    },
  },
  {
    name: "organizations",
    object: "organization",
    read: byOffset("organizations", (clerk) => clerk.organizations, organizationArguments),
  },
  {
    name: "memberships",
    object: "membership",
    read: byOffset("memberships", (clerk) => clerk.memberships, (one) => ({
      ...membershipArguments(one),
      p_role: one.role,
    })),
  },
  {
    name: "subscriptions",
    object: "subscription",
    read: byOffset("subscription items", (clerk) => clerk.subscriptionItems, subscriptionArguments),
  },
  {
    name: "invitations",
    object: "invitation",
    read: byOffset(
      "invitations",
      (clerk) => clerk.invitations,
      (one) => invitationArguments(one, "pending"),
    ),
  },
];

/** Reads a list of Clerk's by offset, and maps what it holds. */
function byOffset<Item extends Timed & { id: string }>(
  list: string,
  fetchOf: (clerk: ClerkApi) => OffsetReading<Item>["fetch"],
  toArguments: (item: Item) => Pick<Element, "p_external_id">,
): Kind["read"] {
  return (clerk, options, from) => {
    const portions = readByOffset({ list, fetch: fetchOf(clerk), ...options }, from);
    return mapped(portions, (one) => ({ ...toArguments(one), ...times(one) }));
  };
}

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

/** What an instance may do without: what hangs on each switch of Clerk's Dashboard. There is none for users. */
const FEATURES: readonly { kinds: readonly KindName[]; isOff: string; remedy: string }[] = [
  {
    kinds: ["organizations", "memberships", "invitations"],
    isOff: "Organizations are switched off in Clerk: there was nothing of them to read.",
    remedy: "Switch organizations on again in Clerk, or end them here by delete_org(…), " +
      "which is final.",
  },
  {
    kinds: ["subscriptions"],
    isOff: "Billing is switched off in Clerk: there was nothing of it to read.",
    remedy: "Switch Billing on again in Clerk, or end them here by " +
      "record_snapshots('subscription', …).",
  },
];

/** All kinds that hang on the same switch as one; none for one that is always there. */
export function kindsSwitchedWith(name: KindName): readonly KindName[] {
  return FEATURES.find(({ kinds }) => kinds.includes(name))?.kinds ?? [];
}

/** Whether an error says that the instance has a kind switched off. It says nothing then of any object of that kind. */
export function isSwitchedOff(name: KindName, error: unknown): boolean {
  return kindsSwitchedWith(name).length > 0 && error instanceof ClerkApiError &&
    error.failure === "not_enabled";
}

/** What people are told of kinds that are off, once a switch. `held`: what of them is here all the same, in words. */
export function describeSwitchedOff(
  off: readonly KindName[],
  held: ReadonlyMap<KindName, string>,
): string[] {
  return FEATURES.filter(({ kinds }) => kinds.some((name) => off.includes(name)))
    .flatMap(({ kinds, isOff, remedy }) => {
      const here = kinds.flatMap((name) => held.get(name) ?? []);
      if (here.length === 0) return [isOff];
      const list = new Intl.ListFormat("en-GB").format(here);
      const warning = `Warning: ${list} are here all the same, and stay, with the access that ` +
        "they give.";
      return [isOff, warning, remedy];
    });
}
