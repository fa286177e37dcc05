import * as z from "zod/mini";
import {
  type ClerkApi,
  ClerkApiError,
  type ClerkInvitation,
  type ClerkMembership,
  type ClerkOrganization,
  type ClerkSubscriptionItem,
  type ClerkUser,
  type Page,
  type Range,
} from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import {
  askForInvitation,
  askForMembership,
  askForOrganization,
  askForSubscriptionItem,
  askForUser,
} from "../../supabase/functions/_clerk_sync/sync/ask.ts";
import { StoredSnapshot } from "../../supabase/functions/_clerk_sync/sync/database.ts";
import {
  invitationElement,
  membershipElement,
  organizationElement,
  type SnapshotKind,
  subscriptionElement,
  userElement,
} from "../../supabase/functions/_clerk_sync/sync/elements.ts";
import {
  extraMembership,
  extraOrganization,
  extraSnapshot,
  extraUser,
  type Finding,
} from "../../supabase/functions/_clerk_sync/sync/finding.ts";
import { BEGINNING, readByCursor, readByOffset } from "../clerk/reading.ts";
import { parseAnswer, type Rpc } from "../project/rpc.ts";
import { type DriftKind, kindOf, type KindSpec, type Pair, type StoredRow } from "./drift_kind.ts";

const USERS = kindOf<ClerkUser, string>({
  name: "users",
  object: "user",
  read: (clerk, { limit }, timed) => {
    const fetch = (after: string | null) => timed(() => clerk.users({ limit, after }));
    return readByCursor({ list: "users", fetch }, BEGINNING);
  },
  keyOf: ({ id }) => id,
  textOf: (id) => id,
  toElement: userElement,
  askFor: askForUser,
  rows: (rpc, after) => rowsById(rpc, "sync_list_users", after, extraUser),
});

/** Organizations. */
export const ORGANIZATIONS = kindOf<ClerkOrganization, string>({
  name: "organizations",
  object: "organization",
  read: byOffset("organizations", (clerk, range) => clerk.organizations(range)),
  keyOf: ({ id }) => id,
  textOf: (id) => id,
  toElement: organizationElement,
  askFor: askForOrganization,
  rows: (rpc, after) => rowsById(rpc, "sync_list_orgs", after, extraOrganization),
});

const MEMBERSHIPS = kindOf<ClerkMembership, Pair>({
  name: "memberships",
  object: "membership",
  read: byOffset("memberships", (clerk, range) => clerk.memberships(range)),
  keyOf: pairOf,
  textOf: ({ organizationId, userId }) => `${organizationId}:${userId}`,
  toElement: membershipElement,
  askFor: (clerk, { organizationId, userId }) => askForMembership(clerk, organizationId, userId),
  rows: membershipRows,
});

const SUBSCRIPTIONS = kindOf<ClerkSubscriptionItem, string>({
  name: "subscriptions",
  object: "subscription",
  read: byOffset("subscription items", (clerk, range) => clerk.subscriptionItems(range)),
  keyOf: ({ id }) => id,
  textOf: (id) => id,
  toElement: subscriptionElement,
  askFor: askForSubscriptionItem,
  rows: (rpc, after) => openRows(rpc, "subscription", after, ({ external_id }) => external_id),
});

/** Clerk is asked for an invitation by its organization too. */
interface InvitationKey {
  organizationId: string;
  id: string;
}

const INVITATIONS = kindOf<ClerkInvitation, InvitationKey>({
  name: "invitations",
  object: "invitation",
  read: byOffset("invitations", (clerk, range) => clerk.invitations(range)),
  keyOf: ({ id, organization_id: organizationId }) => ({ organizationId, id }),
  textOf: ({ id }) => id,
  toElement: invitationElement,
  askFor: (clerk, { organizationId, id }) => askForInvitation(clerk, organizationId, id),
  rows: (rpc, after) =>
    openRows(rpc, "invitation", after, ({ external_id: id, organization_external_id }) => ({
      organizationId: organization_external_id!,
      id,
    })),
});

/** All kinds, in the order in which they are checked: memberships need the two before. */
export const DRIFT_KINDS: readonly DriftKind[] = [
  USERS,
  ORGANIZATIONS,
  MEMBERSHIPS,
  SUBSCRIPTIONS,
  INVITATIONS,
];

/** Reads a list of Clerk's from its beginning, by offset. */
function byOffset<Item extends { id: string }>(
  list: string,
  fetch: (clerk: ClerkApi, range: Range) => Promise<Page<Item>>,
): KindSpec<Item, unknown>["read"] {
  return (clerk, pages, timed) =>
    readByOffset(
      { list, fetch: (range) => timed(() => fetch(clerk, range)), ...pages },
      BEGINNING,
    );
}

/** Rows on a page, as many as the lists give. */
const ROWS = 1000;

const ListedIds = z.array(z.object({ external_id: z.string() }));

async function rowsById(
  rpc: Rpc,
  list: "sync_list_users" | "sync_list_orgs",
  after: string | null,
  extra: (id: string, at: string) => Finding,
): Promise<StoredRow<string>[]> {
  const listed = parseAnswer(ListedIds, await rpc(list, { p_after: after, p_limit: ROWS }));
  return listed.map(({ external_id: id }) => ({
    key: id,
    after: id,
    pair: null,
    extra: (at) => extra(id, at),
  }));
}

const ListedMemberships = z.array(z.object({
  id: z.string(),
  external_id: z.string(),
  organization_external_id: z.string(),
  user_external_id: z.string(),
}));

async function membershipRows(rpc: Rpc, after: string | null): Promise<StoredRow<Pair>[]> {
  const answer = await rpc("sync_list_memberships", { p_after: after, p_limit: ROWS });
  return parseAnswer(ListedMemberships, answer).map((row) => {
    const { id, organization_external_id: organizationId, user_external_id: userId } = row;
    const pair = { organizationId, userId };
    return { key: pair, after: id, pair, extra: (at) => extraMembership(row, at) };
  });
}

/** Subscription items that have not ended here, or invitations that are pending. */
async function openRows<Key>(
  rpc: Rpc,
  kind: SnapshotKind,
  after: string | null,
  keyOf: (row: StoredSnapshot) => Key,
): Promise<StoredRow<Key>[]> {
  const args = { p_kind: kind, p_after: after, p_limit: ROWS };
  const listed = parseAnswer(z.array(StoredSnapshot), await rpc("sync_list_snapshots", args));
  return listed.map((row) => ({
    key: keyOf(row),
    after: row.external_id,
    pair: null,
    extra: (at) => extraSnapshot(kind, row, at),
  }));
}

/** Whose a membership is can't be told where Clerk leaves its user out: then nothing can be told of memberships. */
function pairOf({ organization, public_user_data }: ClerkMembership): Pair {
  if (public_user_data) {
    return { organizationId: organization.id, userId: public_user_data.user_id };
  }
  throw new ClerkApiError("invalid_answer", "a membership without its user");
}
