import assert from "node:assert/strict";
import {
  type ClerkEvent,
  isSampleType,
  SAMPLE_TYPES,
  SAMPLES,
  STORY_TYPES,
} from "../../scripts/simulate/samples.ts";
import { FOLLOWED_TYPES } from "../../supabase/functions/clerk-webhook/route.ts";
import { type Story, storyEvent } from "../../scripts/simulate/story.ts";

const EVENTS: [string, ClerkEvent][] = Object.entries(SAMPLES);

Deno.test("the story has the guide's ten events, a plan and an invitation, in the order in which they happen", () => {
  const before = [
    "user.created",
    "user.updated",
    "organization.created",
    "organizationMembership.created",
    "session.created",
  ];
  const after = [
    "organizationMembership.updated",
    "organization.updated",
    "organizationMembership.deleted",
    "organization.deleted",
    "user.deleted",
  ];
  const optional = ["subscriptionItem.active", "organizationInvitation.created"];
  assert.deepEqual(STORY_TYPES, [...before, ...optional, ...after]);
});

Deno.test("there is a sample of every event that the webhook follows, and of no other", () => {
  assert.deepEqual(SAMPLE_TYPES.toSorted(), FOLLOWED_TYPES.toSorted());
});

Deno.test("one subscription, one payer and two plans run through all samples that tell of any", () => {
  const text = JSON.stringify(SAMPLES);
  for (const [prefix, times] of Object.entries({ csub: 1, cpayer: 1, cplan: 2 })) {
    const ids = text.match(new RegExp(`"${prefix}_\\w{27}"`, "g"));
    assert.equal(new Set(ids).size, times, prefix);
  }
});

Deno.test("within a subscription an item says neither who pays nor what it is of, alone it says both", () => {
  for (const [type, { data }] of EVENTS) {
    const { items, payer_id } = data as { items?: Record<string, unknown>[]; payer_id?: string };
    if (type.startsWith("subscriptionItem.")) {
      assert.ok(data.payer && data.subscription_id, type);
    }
    for (const item of items ?? []) {
      assert.deepEqual([item.payer, item.subscription_id], [null, null], type);
    }
    assert.equal(Boolean(items), Boolean(payer_id), type);
  }
});

Deno.test("the samples' envelope times rise in story order", () => {
  const times = SAMPLE_TYPES.map((type) => SAMPLES[type].timestamp);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

Deno.test("a live object's envelope is stamped a few milliseconds after its updated_at", () => {
  for (const [type, { data, timestamp }] of EVENTS) {
    if (type.endsWith(".deleted")) continue;
    const lag = timestamp - (data.updated_at as number);
    assert.ok(lag >= 5 && lag <= 18, `${type}: ${lag} ms`);
  }
});

Deno.test("the primary email address is not the first one", () => {
  for (const type of ["user.created", "user.updated"] as const) {
    const { email_addresses, primary_email_address_id } = SAMPLES[type].data;
    assert.equal(email_addresses.findIndex(({ id }) => id === primary_email_address_id), 1);
  }
});

Deno.test("one user, one organization, one membership and one session run through all samples but an invitation's answer", () => {
  const { "organizationInvitation.accepted": _, ...others } = SAMPLES;
  for (const prefix of ["user", "org", "orgmem", "sess", "ins"]) {
    const ids = JSON.stringify(others).match(new RegExp(`"${prefix}_\\w{27}"`, "g"));
    assert.equal(new Set(ids).size, 1, prefix);
  }
});

Deno.test("every address in the samples is one reserved for examples", () => {
  const text = JSON.stringify(SAMPLES);
  const hosts = text.match(/[\w.+-]+@[\w.-]+/g)?.map((address) => address.split("@")[1]);
  assert.deepEqual([...new Set(hosts)].sort(), ["example.com", "example.org"]);
  const ips = text.match(/"(client_ip|ip_address)":"[^"]+"/g)?.map((pair) => pair.split('"')[3]);
  assert.deepEqual([...new Set(ips)], ["203.0.113.7"]);
});

Deno.test("names of Object's own are no sample types", () => {
  assert.equal(isSampleType("constructor"), false);
  assert.equal(isSampleType("session.revoked"), true);
});

const STORY: Story = { seed: "test", index: 0, endsAt: Date.UTC(2027, 0, 5, 12) };

/** Everything in a story that must not turn up in another. */
function identifiers(story: Story): Set<string> {
  // Plans are shared.
  const events = SAMPLE_TYPES.map((type) => storyEvent(type, story));
  const text = JSON.stringify(events, (key, value) => /^plan(_id)?$/.test(key) ? null : value);
  const found = text.match(
    /"[a-z_]+_\w{27}"|"[\w.+-]+@example\.\w+"|"(slug|username)":"[^"]+"/g,
  );
  return new Set(found?.filter((identifier) => !identifier.startsWith('"ins_')));
}

Deno.test("another index, another seed and the samples share no id, slug, address or username", () => {
  const story = identifiers(STORY);
  assert.equal(story.size, 27);
  for (const other of [{ ...STORY, index: 1 }, { ...STORY, seed: "test2" }]) {
    assert.deepEqual(story.intersection(identifiers(other)), new Set());
  }
  const samples = JSON.stringify(SAMPLES);
  assert.deepEqual([...story].filter((identifier) => samples.includes(identifier)), []);
});

Deno.test("ids keep Clerk's form and stay the same through the story", () => {
  const created = storyEvent("user.created", STORY);
  assert.match(created.data.id as string, /^user_\w{27}$/);
  assert.equal(storyEvent("user.deleted", STORY).data.id, created.data.id);
  assert.equal(storyEvent("organization.created", STORY).data.created_by, created.data.id);
  assert.equal(storyEvent("session.created", STORY).data.user_id, created.data.id);
});

Deno.test("the story ends at the given time, and keeps its distances", () => {
  const shift = STORY.endsAt - SAMPLES["user.deleted"].timestamp;
  for (const type of SAMPLE_TYPES) {
    const { timestamp, data } = storyEvent(type, STORY);
    assert.equal(timestamp, SAMPLES[type].timestamp + shift, type);
    const sample: Record<string, unknown> = SAMPLES[type].data;
    for (const time of ["updated_at", "period_start", "period_end", "expires_at"]) {
      if (typeof sample[time] === "number") assert.equal(data[time], sample[time] + shift, type);
    }
  }
});

Deno.test("a user's last_active_at goes on telling the day only", () => {
  const { last_active_at } = storyEvent("user.created", STORY).data;
  assert.equal(last_active_at, Date.UTC(2027, 0, 5));
});

Deno.test("plans are the same in every story, for they are the instance's", () => {
  const { plan, plan_id } = SAMPLES["subscriptionItem.active"].data;
  const { data } = storyEvent("subscriptionItem.active", STORY);
  assert.deepEqual([data.plan, data.plan_id], [plan, plan_id]);
});

Deno.test("numbers that are no times, and nulls, stay as they are", () => {
  const { data } = storyEvent("organization.created", STORY);
  assert.equal(
    data.max_allowed_memberships,
    SAMPLES["organization.created"].data.max_allowed_memberships,
  );
  assert.equal(data.logo_url, null);
});
