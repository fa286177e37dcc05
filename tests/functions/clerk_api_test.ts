import assert from "node:assert/strict";
import {
  type ClerkApi,
  ClerkApiError,
  type ClerkFailure,
  createClerkApi,
} from "../../supabase/functions/_clerk_sync/clerk/api.ts";
import type { Fault } from "../clerk_api/faults.ts";
import { type ClerkApiServer, startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";

const instance = new WorldInstance();
const USERS = Array.from({ length: 5 }, () => instance.addUser());
const [ADA, GRACE, MARY] = USERS as [string, string, string];
const ACME = instance.addOrganization({ created_by: ADA, slug: "acme" });
const BRAVO = instance.addOrganization({ created_by: GRACE });
const ACME_GRACE = instance.addMembership(ACME, GRACE);
const ITEM = instance.addItem(ACME, "pro");
instance.addItem(ADA, "free", { period_end: null });
const INVITED = instance.addInvitation(ACME);
const REVOKED = instance.addInvitation(ACME, { status: "revoked" });
const NOBODY = "user_nobody7F2kQ";
const NOWHERE = "org_nowhere9ZxW";

const ALL = { limit: 500, offset: 0 };

function clerkOf(server: ClerkApiServer, timeoutMs: number = 60_000): ClerkApi {
  return createClerkApi({ secretKey: server.secretKey, apiUrl: server.url, timeoutMs });
}

const ids = (objects: { id: string }[]) => objects.map(({ id }) => id);

/** All that can be asked for, each of something that there is. */
const CALLS: Record<string, (clerk: ClerkApi) => Promise<unknown>> = {
  instanceId: (clerk) => clerk.instanceId(),
  user: (clerk) => clerk.user(ADA),
  organization: (clerk) => clerk.organization(ACME),
  users: (clerk) => clerk.users({ limit: 500, after: ADA }),
  usersById: (clerk) => clerk.usersById([ADA, GRACE]),
  organizations: (clerk) => clerk.organizations(ALL),
  memberships: (clerk) => clerk.memberships(ALL),
  membershipsOfUser: (clerk) => clerk.membershipsOfUser(GRACE, ALL),
  membershipsOfOrganization: (clerk) => clerk.membershipsOfOrganization(ACME, ALL),
  membership: (clerk) => clerk.membership(ACME, GRACE),
  subscriptionItems: (clerk) => clerk.subscriptionItems(ALL),
  subscriptionItem: (clerk) => clerk.subscriptionItem(ITEM),
  subscriptionOf: (clerk) => clerk.subscriptionOf("organizations", ACME),
  subscriptionOfUser: (clerk) => clerk.subscriptionOf("users", ADA),
  invitations: (clerk) => clerk.invitations(ALL),
  pendingInvitations: (clerk) => clerk.pendingInvitations(ACME, ALL),
  invitation: (clerk) => clerk.invitation(ACME, INVITED),
};

Deno.test("a user and an organization come by id, with all that Clerk says of them", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  assert.deepEqual(await clerk.user(ADA), JSON.parse(instance.user(ADA)!));
  assert.deepEqual(await clerk.organization(ACME), JSON.parse(instance.organization(ACME)!));
});

Deno.test("users come page by page after a cursor, the oldest first, each page with the total", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const read: string[] = [];
  for (;;) {
    const { items, total } = await clerk.users({ limit: 2, after: read.at(-1) ?? null });
    assert.equal(total, 5);
    if (items.length === 0) break;
    read.push(...ids(items));
  }
  assert.deepEqual(read, USERS);
});

Deno.test("of users by id come those that exist; of no id comes none, without a request", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  assert.deepEqual(ids(await clerk.usersById([GRACE, NOBODY, ADA])).sort(), [ADA, GRACE].sort());
  assert.deepEqual(server.requests.length, 2);
  assert.deepEqual(await clerk.usersById([]), []);
  assert.deepEqual(server.requests.length, 2);
});

Deno.test("organizations and memberships come by offset, the oldest first, with the total", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const organizations = await clerk.organizations({ limit: 1, offset: 1 });
  assert.deepEqual([ids(organizations.items), organizations.total], [[BRAVO], 2]);
  const first = await clerk.memberships({ limit: 2, offset: 0 });
  const rest = await clerk.memberships({ limit: 2, offset: 2 });
  assert.deepEqual([first.items.length, rest.items.length, rest.total], [2, 1, 3]);
  assert.equal(rest.items[0]?.id, ACME_GRACE);
});

Deno.test("memberships come of one user, of one organization, and of one in the other", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const ofUser = await clerk.membershipsOfUser(GRACE, ALL);
  assert.deepEqual(ofUser.items.map(({ organization }) => organization.id).sort(), [ACME, BRAVO]);
  assert.equal((await clerk.membershipsOfUser(GRACE, { limit: 1, offset: 1 })).items.length, 1);
  const ofOrganization = await clerk.membershipsOfOrganization(ACME, ALL);
  const members = ofOrganization.items.map(({ public_user_data }) => public_user_data?.user_id);
  assert.deepEqual([members, ofOrganization.total], [[ADA, GRACE], 2]);
  assert.equal((await clerk.membership(ACME, GRACE))?.id, ACME_GRACE);
});

Deno.test("no membership is null, but in an organization that is gone it is not_found", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  assert.equal(await clerk.membership(ACME, MARY), null);
  assert.equal(await clerk.membership(ACME, NOBODY), null);
  await assert.rejects(clerk.membership(NOWHERE, MARY), { failure: "not_found" });
});

Deno.test("what Clerk does not have is not_found", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const calls = [
    () => clerk.user(NOBODY),
    () => clerk.organization(NOWHERE),
    () => clerk.membershipsOfUser(NOBODY, ALL),
    () => clerk.membershipsOfOrganization(NOWHERE, ALL),
    () => clerk.subscriptionItem("csub_item_nothing"),
    () => clerk.subscriptionOf("users", GRACE),
    () => clerk.subscriptionOf("organizations", NOWHERE),
    () => clerk.pendingInvitations(NOWHERE, ALL),
    () => clerk.invitation(BRAVO, INVITED),
  ];
  for (const call of calls) await assert.rejects(call, { failure: "not_found" });
});

Deno.test("subscription items come newest first, those of the default plan too, and by id", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const { items: [newest, item, ...others], total } = await clerk.subscriptionItems(ALL);
  assert.deepEqual([newest?.plan?.slug, item?.id, others, total], ["free", ITEM, [], 2]);
  assert.deepEqual(ids((await clerk.subscriptionItems({ limit: 1, offset: 1 })).items), [ITEM]);
  assert.equal((await clerk.subscriptionItem(ITEM)).payer?.organization_id, ACME);
});

Deno.test("what a user or an organization pays for comes with its period, and without its payer", async () => {
  await using server = startClerkApi({ instance });
  const { id, subscription_items: [item] } = await clerkOf(server).subscriptionOf(
    "organizations",
    ACME,
  );
  assert.match(id, /^csub_/);
  assert.deepEqual([item?.id, item?.plan_period, item?.payer], [ITEM, "month", undefined]);
});

Deno.test("invitations come oldest first, those of one organization while they are pending, and by id", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const { items, total } = await clerk.invitations(ALL);
  assert.deepEqual([ids(items), total], [[INVITED, REVOKED], 2]);
  const pending = await clerk.pendingInvitations(ACME, ALL);
  assert.deepEqual([ids(pending.items), pending.total], [[INVITED], 1]);
  assert.deepEqual(
    await clerk.invitation(ACME, REVOKED),
    JSON.parse(instance.invitation(ACME, REVOKED)!),
  );
});

for (const status of [403, 404] as const) {
  Deno.test(`with Billing switched off, by ${status}, its list is not_enabled, and nobody has a subscription`, async () => {
    await using server = startClerkApi({ instance });
    server.billing = status;
    const clerk = clerkOf(server);
    await assert.rejects(clerk.subscriptionItems(ALL), { failure: "not_enabled" });
    const failure = status === 403 ? "not_enabled" : "not_found";
    await assert.rejects(clerk.subscriptionOf("users", ADA), { failure });
    await assert.rejects(clerk.subscriptionItem(ITEM), { failure });
    assert.equal((await clerk.invitations(ALL)).total, 2);
  });
}

const ofClerk = (status: number, code: string): Fault => ({ kind: "clerk_error", status, code });
const limited = (retryAfterSeconds: number | null): Fault => ({
  kind: "rate_limited",
  retryAfterSeconds,
});

const FAULTS: [what: string, fault: Fault, failure: ClerkFailure, retryAfterSeconds?: number][] = [
  ["limits the rate", limited(7), "rate_limited", 7],
  ["limits the rate for it knows not how long", limited(null), "rate_limited"],
  ["limits the rate for no time at all", limited(0), "rate_limited", 0],
  ["breaks down", { kind: "server_error", status: 500 }, "unavailable"],
  ["is out of service", { kind: "server_error", status: 503 }, "unavailable"],
  ["is cut off", { kind: "cut_off" }, "unavailable"],
  ["does not answer", { kind: "hang" }, "unavailable"],
  ["answers too late", { kind: "slow", ms: 60_000 }, "unavailable"],
  ["answers a page of HTML", { kind: "html" }, "invalid_answer"],
  ["answers JSON that ends too soon", { kind: "broken_json" }, "invalid_answer"],
  ["is not behind this address", { kind: "foreign_error", status: 404 }, "invalid_answer"],
  ["is behind a proxy that refuses", { kind: "foreign_error", status: 403 }, "invalid_answer"],
  ["knows no key", ofClerk(401, "clerk_key_invalid"), "unauthorized"],
  ["lets the key do nothing", ofClerk(403, "authorization_invalid"), "unauthorized"],
  ["has the feature switched off", ofClerk(403, "feature_not_enabled"), "not_enabled"],
  ["has billing switched off", ofClerk(403, "billing_not_enabled"), "not_enabled"],
  ["forbids something else", ofClerk(403, "operation_not_allowed"), "refused"],
  ["has gone", { kind: "foreign_error", status: 410 }, "refused"],
];

/** JSON, but not what any of the calls asks for. */
const OTHER_JSON: unknown[] = [
  ...[null, 42, "ok", {}, [null], { data: [] }],
  ...[{ data: [null], total_count: 1 }, { data: [{}], total_count: 1 }],
  { object: "user" },
  { object: "organization", id: "org_1" },
  { object: "user", id: ADA, deleted: true },
];
for (const body of OTHER_JSON) {
  FAULTS.push([`answers ${JSON.stringify(body)}`, { kind: "other_json", body }, "invalid_answer"]);
}

for (const [what, fault, failure, retryAfterSeconds = null] of FAULTS) {
  Deno.test(`when Clerk ${what}, every call is ${failure}`, async () => {
    await using server = startClerkApi({ instance });
    server.faults.always(fault);
    const clerk = clerkOf(server, fault.kind === "hang" || fault.kind === "slow" ? 50 : 60_000);
    for (const [name, call] of Object.entries(CALLS)) {
      await assert.rejects(call(clerk), (error) => {
        assert.ok(error instanceof ClerkApiError);
        assert.deepEqual([name, error.failure], [name, failure]);
        assert.equal(error.retryAfterSeconds, retryAfterSeconds);
        return true;
      });
    }
  });
}

Deno.test("an answer about something else than was asked for is invalid_answer", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const list = { limit: 10, offset: 0, isAscending: true, userIds: null };
  const { items } = instance.memberships({ ...list, organizationId: BRAVO });
  const ofBravo = { data: items.map((text) => JSON.parse(text) as unknown), total_count: 1 };
  const invited = JSON.parse(instance.invitation(ACME, INVITED)!) as object;
  const calls: [body: unknown, call: () => Promise<unknown>][] = [
    [JSON.parse(instance.user(GRACE)!), () => clerk.user(ADA)],
    [JSON.parse(instance.organization(BRAVO)!), () => clerk.organization(ACME)],
    [ofBravo, () => clerk.membership(ACME, GRACE)],
    [ofBravo, () => clerk.membership(BRAVO, ADA)],
    [{ id: "csub_item_other", status: "active" }, () => clerk.subscriptionItem(ITEM)],
    [JSON.parse(instance.invitation(ACME, REVOKED)!), () => clerk.invitation(ACME, INVITED)],
    [{ ...invited, organization_id: BRAVO }, () => clerk.invitation(ACME, INVITED)],
  ];
  for (const [body, call] of calls) {
    server.faults.next(1, { kind: "other_json", body });
    await assert.rejects(call(), { failure: "invalid_answer" });
  }
  server.faults.next(1, { kind: "other_json", body: ofBravo });
  assert.ok(await clerk.membership(BRAVO, GRACE));
});

Deno.test("with a wrong secret key every call is unauthorized", async () => {
  await using server = startClerkApi({ instance });
  const clerk = createClerkApi({ secretKey: "sk_test_x", apiUrl: server.url, timeoutMs: 5_000 });
  for (const call of Object.values(CALLS)) {
    await assert.rejects(call(clerk), { failure: "unauthorized" });
  }
});

const WITHOUT_ORGANIZATIONS =
  /^(instanceId|user|users|usersById|subscriptionItems?|subscriptionOfUser)$/;

Deno.test("with organizations switched off what is of them is not_enabled, and users come as ever", async () => {
  await using server = startClerkApi({ instance });
  server.hasOrganizations = false;
  const clerk = clerkOf(server);
  for (const [name, call] of Object.entries(CALLS)) {
    if (WITHOUT_ORGANIZATIONS.test(name)) await call(clerk);
    else await assert.rejects(call(clerk), { failure: "not_enabled" }, name);
  }
});

Deno.test("what Clerk finds wrong with a request is refused", async () => {
  await using server = startClerkApi({ instance });
  const clerk = clerkOf(server);
  const crowd = Array.from({ length: 101 }, (_, index) => `${NOBODY}${index}`);
  const calls = [
    () => clerk.users({ limit: 501, after: null }),
    () => clerk.users({ limit: 10, after: NOBODY }),
    () => clerk.usersById(crowd),
    () => clerk.organizations({ limit: 10, offset: -1 }),
    () => clerk.subscriptionItems({ limit: 501, offset: 0 }),
    () => clerk.invitations({ limit: 10, offset: -1 }),
  ];
  for (const call of calls) await assert.rejects(call, { failure: "refused" });
});

Deno.test("what Clerk's client itself does not send is refused, in words of our own", async () => {
  await using server = startClerkApi({ instance });
  const lost = createClerkApi({ secretKey: "sk_test_x", apiUrl: "nonsense", timeoutMs: 5_000 });
  for (
    const call of [
      () => clerkOf(server).user(""),
      () => lost.user(NOBODY),
      () => lost.subscriptionItems(ALL),
    ]
  ) {
    await assert.rejects(call, { message: "Clerk: refused (the client refused)" });
  }
  assert.deepEqual(server.requests, []);
});

Deno.test("where nobody listens, Clerk is unavailable", async () => {
  const server = startClerkApi({ instance });
  await server[Symbol.asyncDispose]();
  await assert.rejects(clerkOf(server).user(ADA), { failure: "unavailable" });
  await assert.rejects(clerkOf(server).subscriptionItems(ALL), { failure: "unavailable" });
});

Deno.test("a count that fails fails its page of users", async () => {
  await using server = startClerkApi({ instance });
  server.faults.always({ kind: "server_error", status: 503 }, (path) => path.endsWith("/count"));
  const page = clerkOf(server).users({ limit: 10, after: null });
  await assert.rejects(page, { failure: "unavailable" });
});

Deno.test("no failure says a secret key, an id or anything of the answer", async () => {
  await using server = startClerkApi({ instance });
  const body = { object: "user", [NOBODY]: server.secretKey, id: 7, message: "A secret of Clerk" };
  const faults: Fault[] = [
    ...FAULTS.map(([, fault]) => fault),
    { kind: "other_json", body },
    { kind: "other_json", body: { data: [body], total_count: NOBODY } },
  ];
  const wrong = createClerkApi({ secretKey: "sk_test_x", apiUrl: server.url, timeoutMs: 50 });
  const clerk = clerkOf(server, 50);
  const calls = [
    () => clerk.user(NOBODY),
    () => clerk.organization(NOWHERE),
    () => clerk.users({ limit: 10, after: NOBODY }),
    () => clerk.membership(NOWHERE, NOBODY),
    () => clerk.subscriptionItem(NOBODY),
    () => clerk.subscriptionOf("users", NOBODY),
    () => clerk.invitation(NOWHERE, NOBODY),
    () => wrong.user(NOBODY),
    () => wrong.subscriptionItems(ALL),
  ];
  const texts: string[] = [];
  for (const fault of [null, ...faults]) {
    server.faults.clear();
    if (fault) server.faults.always(fault);
    for (const call of calls) {
      await assert.rejects(call, (error) => texts.push(Deno.inspect(error)) > 0);
    }
  }
  for (const text of texts) {
    assert.match(text, /^ClerkApiError: Clerk: \w+ \(/);
    assert.doesNotMatch(text, /sk_test|nobody7F2kQ|nowhere9ZxW|secret of Clerk|127\.0\.0\.1/);
  }
});
