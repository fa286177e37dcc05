/** What a user or an organization pays for, and whom an organization has invited, by a manual sync. */
import assert from "node:assert/strict";
import {
  CLERK_REQUEST_LIMIT,
  MEMBERSHIP_LIMIT,
} from "../../../supabase/functions/sync-from-clerk/read.ts";
import type { Fault } from "../../clerk_api/faults.ts";
import type { WorldInstance } from "../../clerk_api/world_instance.ts";
import { databaseBy, emptyDatabase, type FakeDatabase, row } from "../../support/fake_database.ts";
import { startEndpoint, usersOf, writesOf } from "../../support/sync_endpoint.ts";

const SESSION = { sub: "user_1" };
const ORGANIZATION = { clerkOrganizationId: "org_1" };

/** user_1, who made org_1: both pay, and two are invited, of whom one has accepted. */
function paying(): WorldInstance {
  const instance = usersOf("user_1");
  instance.addOrganization({ id: "org_1", created_by: "user_1" });
  instance.addItem("org_1", "pro", { id: "csub_item_org" });
  instance.addItem("user_1", "plus", { id: "csub_item_user" });
  instance.addInvitation("org_1", { id: "orginv_1" });
  instance.addInvitation("org_1", { id: "orginv_2", status: "accepted" });
  return instance;
}

/** A row that is open here. */
function open(external_id: string, organization_external_id: string | null = "org_1") {
  const user_external_id = organization_external_id ? null : "user_1";
  return { external_id, user_external_id, organization_external_id };
}

/** A database that lists these of both kinds as open, and finds nothing else. */
function holding(rows: Record<string, ReturnType<typeof open>[]>): FakeDatabase {
  return databaseBy(({ name, args }) => ({
    kind: "done",
    answer: name === "sync_list_snapshots" ? rows[String(args.p_kind)] ?? [] : undefined,
  }));
}

/** Of the calls of one RPC: the kind and what it holds of each object, as `subscription csub_item_1 active`. */
function snapshotsIn(calls: FakeDatabase["calls"], name: string): string[] {
  return calls.filter((call) => call.name === name).flatMap(({ args }) =>
    (args.p_snapshots as Record<string, unknown>[]).map((one) =>
      [args.p_kind, one.p_external_id, one.p_status].join(" ")
    )
  );
}

Deno.test("of an organization its subscription and its pending invitations are compared", async () => {
  await using endpoint = startEndpoint({ instance: paying() });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "200 in_sync");
  assert.deepEqual(snapshotsIn(endpoint.calls, "sync_compare_snapshots").sort(), [
    "invitation orginv_1 pending",
    "subscription csub_item_org active",
  ]);
  const listed = endpoint.calls.filter(({ name }) => name === "sync_list_snapshots");
  assert.deepEqual(
    new Set(listed.map(({ args }) => args.p_organization_external_id)),
    new Set(["org_1"]),
  );
});

Deno.test("of a user what the user pays for is compared, and no invitation", async () => {
  await using endpoint = startEndpoint({ instance: paying() });
  assert.equal(await endpoint.sync(SESSION), "200 in_sync");
  assert.deepEqual(snapshotsIn(endpoint.calls, "sync_compare_snapshots"), [
    "subscription csub_item_user active",
  ]);
  assert.ok(endpoint.clerk.requests.every((path) => !path.includes("invitations")));
});

Deno.test("what is missing is written with its payer and its subscription, which the item does not name", async () => {
  const database = emptyDatabase({ sync_compare_snapshots: [row("csub_item_user", "missing")] });
  await using endpoint = startEndpoint({ instance: paying(), database });
  assert.equal(await endpoint.sync(SESSION), "200 applied");
  const written = endpoint.calls.find(({ name }) => name === "record_snapshots")!;
  const [element] = written.args.p_snapshots as object[];
  assert.partialDeepStrictEqual(element, {
    p_external_id: "csub_item_user",
    p_user_external_id: "user_1",
    p_organization_external_id: null,
    p_subscription_external_id: "csub_user_1",
    p_plan: "plus",
    p_interval: "month",
  });
});

Deno.test("what is open here alone is asked for by its id, and compared as Clerk has it", async () => {
  const instance = paying();
  instance.changeItem("csub_item_org", { status: "ended" });
  const database = holding({
    subscription: [open("csub_item_org")],
    invitation: [open("orginv_2")],
  });
  await using endpoint = startEndpoint({ instance, database });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "200 in_sync");
  assert.deepEqual(snapshotsIn(endpoint.calls, "sync_compare_snapshots").sort(), [
    "invitation orginv_1 pending",
    "invitation orginv_2 accepted",
    "subscription csub_item_org ended",
  ]);
  assert.deepEqual(writesOf(endpoint.calls), []);
});

Deno.test("what Clerk, asked for this very one, does not have is ended, as of just before", async () => {
  const database = holding({ subscription: [open("csub_item_9")], invitation: [open("orginv_9")] });
  await using endpoint = startEndpoint({ instance: paying(), database });
  const before = new Date().toISOString();
  assert.equal(await endpoint.sync(null, ORGANIZATION), "200 applied");
  assert.deepEqual(snapshotsIn(endpoint.calls, "record_snapshots").sort(), [
    "invitation orginv_9 revoked",
    "subscription csub_item_9 ended",
  ]);
  for (const { args } of endpoint.calls.filter(({ name }) => name === "record_snapshots")) {
    const at = String(args.p_event_at);
    assert.ok(before <= at && at <= new Date().toISOString());
  }
});

for (const billing of [403, 404] as const) {
  Deno.test(`with Billing switched off, by ${billing}, nothing of it ends, and the rest is synced`, async () => {
    const database = holding({ subscription: [open("csub_item_org"), open("csub_item_9")] });
    await using endpoint = startEndpoint({ instance: paying(), database });
    endpoint.clerk.billing = billing;
    assert.equal(await endpoint.sync(null, ORGANIZATION), "200 in_sync");
    assert.equal(await endpoint.sync(SESSION), "200 in_sync");
    assert.deepEqual(writesOf(endpoint.calls), []);
  });

  Deno.test(`Billing that is switched off, by ${billing}, before an item is asked for ends nothing either`, async () => {
    const database = holding({ subscription: [open("csub_item_9")] });
    const instance = paying();
    await using endpoint = startEndpoint({ instance, database });
    const subscription = instance.subscription.bind(instance);
    instance.subscription = (payerId) => {
      endpoint.clerk.billing = billing;
      return subscription(payerId);
    };
    assert.equal(await endpoint.sync(SESSION), "200 in_sync");
    assert.deepEqual(writesOf(endpoint.calls), []);
  });
}

Deno.test("a user of an instance without organizations has a subscription all the same", async () => {
  await using endpoint = startEndpoint({ instance: paying() });
  endpoint.clerk.hasOrganizations = false;
  assert.equal(await endpoint.sync(SESSION), "200 in_sync");
  assert.deepEqual(snapshotsIn(endpoint.calls, "sync_compare_snapshots"), [
    "subscription csub_item_user active",
  ]);
});

const item = (payer: object) => ({ id: "csub_item_9", status: "active", payer });
const invitation = (id: string, organization_id: string) => ({
  ...{ id, organization_id, email_address: "a@example.com", role: "org:member", status: "pending" },
});

const WRONG: [what: string, path: RegExp, body: unknown][] = [
  ["a subscription of another organization", /billing\/subscription$/, {
    id: "csub_2",
    subscription_items: [item({ user_id: "", organization_id: "org_2" })],
  }],
  ["a subscription of a user", /billing\/subscription$/, {
    id: "csub_2",
    subscription_items: [item({ user_id: "user_1", organization_id: "" })],
  }],
  [
    "an item of another organization",
    /subscription_items\/csub_item_9$/,
    item({ organization_id: "org_2" }),
  ],
  ["an item with another id", /subscription_items\/csub_item_9$/, {
    id: "csub_item_8",
    status: "active",
  }],
  ["invitations of another organization", /invitations$/, {
    data: [invitation("orginv_2", "org_2")],
    total_count: 1,
  }],
  ["another organization's invitation", /invitations\/orginv_9$/, invitation("orginv_9", "org_2")],
];

for (const [what, path, body] of WRONG) {
  Deno.test(`${what} in Clerk's answer syncs nobody: 502`, async () => {
    const database = holding({
      subscription: [open("csub_item_9")],
      invitation: [open("orginv_9")],
    });
    await using endpoint = startEndpoint({ instance: paying(), database });
    endpoint.clerk.faults.always({ kind: "other_json", body }, (asked) => path.test(asked));
    assert.equal(await endpoint.sync(null, ORGANIZATION), "502 clerk_invalid_answer");
    assert.deepEqual(writesOf(endpoint.calls), []);
  });
}

const FAULTS: Fault[] = [
  { kind: "foreign_error", status: 404 },
  { kind: "foreign_error", status: 403 },
  { kind: "html" },
];

for (const fault of FAULTS) {
  Deno.test(`${JSON.stringify(fault)} for an item or an invitation ends nothing`, async () => {
    const database = holding({
      subscription: [open("csub_item_9")],
      invitation: [open("orginv_9")],
    });
    for (const path of ["/subscription_items/csub_item_9", "/invitations/orginv_9"]) {
      await using endpoint = startEndpoint({ instance: paying(), database });
      endpoint.clerk.faults.always(fault, (asked) => asked.endsWith(path));
      assert.equal(await endpoint.sync(null, ORGANIZATION), "502 clerk_invalid_answer");
      assert.deepEqual(writesOf(endpoint.calls), []);
    }
  });
}

Deno.test("an organization with more invitations than one request can do is answered 422", async () => {
  const instance = paying();
  await using endpoint = startEndpoint({ instance });
  instance.invitations = () => ({ items: [], total: MEMBERSHIP_LIMIT + 1 });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "422 too_large_organization");
});

Deno.test("many that are here alone are asked for within the budget of one call, or none is ended", async () => {
  const rows = Array.from(
    { length: CLERK_REQUEST_LIMIT },
    (_, index) => open(`orginv_gone_${index}`),
  );
  await using endpoint = startEndpoint({
    instance: paying(),
    database: holding({ invitation: rows }),
  });
  assert.equal(await endpoint.sync(null, ORGANIZATION), "422 too_large_organization");
  // The instance of the key is looked up once, for all calls.
  const asked = endpoint.clerk.requests.filter((path) => path !== "GET /v1/instance");
  assert.equal(asked.length, CLERK_REQUEST_LIMIT);
  assert.deepEqual(writesOf(endpoint.calls), []);
});
