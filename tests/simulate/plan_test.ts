import assert from "node:assert/strict";
import { type Plan, planDeliveries, type PlanInput } from "../../scripts/simulate/plan.ts";
import { SAMPLES, type SampleType, STORY_TYPES } from "../../scripts/simulate/samples.ts";

const STORY_ONCE: PlanInput = {
  content: { kind: "story" },
  repeat: 1,
  duplicates: 0,
  shuffle: false,
  seed: "test",
  startedAt: Date.UTC(2027, 0, 5),
  now: () => Date.UTC(2027, 0, 5, 0, 0, 1),
};

function deliveries({ total, delivery }: Plan) {
  return Array.from({ length: total }, (_, index) => delivery(index));
}

function plan(changes: Partial<PlanInput> = {}) {
  return deliveries(planDeliveries({ ...STORY_ONCE, ...changes }));
}

Deno.test("the story is planned in order, each event with an id of its own", () => {
  const planned = plan();
  assert.deepEqual(planned.map(({ type }) => type), STORY_TYPES);
  assert.equal(new Set(planned.map(({ id }) => id)).size, 12);
  for (const { id } of planned) assert.match(id, /^msg_\w{27}$/);
});

/** The objects that are told of, by type of event. */
function told(changes: Partial<PlanInput> = {}): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    plan(changes).map(({ type, body }) => [type, JSON.parse(body as string).data]),
  );
}

Deno.test("the story deletes others, and leaves a user with an organization, its plan, an invitation, a membership and a sign-in", () => {
  const events = told();
  const { id: user } = events["user.created"]!;
  const { id: organization } = events["organization.created"]!;
  const { id: membership } = events["organizationMembership.updated"]!;
  assert.equal(events["session.created"]!.user_id, user);
  const { payer } = events["subscriptionItem.active"] as { payer: { organization_id: string } };
  assert.equal(payer.organization_id, organization);
  assert.equal(events["organizationInvitation.created"]!.organization_id, organization);
  const removed = events["organizationMembership.deleted"] as {
    id: string;
    organization: { id: string; name: string };
    public_user_data: { user_id: string; first_name: string };
  };
  assert.equal(removed.organization.id, events["organization.deleted"]!.id);
  assert.equal(removed.public_user_data.user_id, events["user.deleted"]!.id);
  const deleted = [removed.id, removed.organization.id, removed.public_user_data.user_id];
  for (const living of [user, organization, membership]) {
    assert.ok(!deleted.includes(living as string));
  }
  const names = [removed.public_user_data.first_name, removed.organization.name];
  assert.deepEqual(names, ["Charles", "Difference Engine Company"]);
});

Deno.test("samples that are named are of one and the same", () => {
  const types: SampleType[] = ["user.created", "user.deleted"];
  const events = told({ content: { kind: "samples", types } });
  assert.equal(events["user.created"]!.id, events["user.deleted"]!.id);
});

Deno.test("an event is announced when it is sent, all its copies at once, of a change that was before", () => {
  let now = STORY_ONCE.startedAt;
  const sent = plan({ duplicates: 1, now: () => now += 1_000 });
  const times = sent.map(({ body }) => JSON.parse(body as string).timestamp);
  const expected = STORY_TYPES.map((_, index) => STORY_ONCE.startedAt + (index + 1) * 1_000);
  assert.deepEqual(times, expected.flatMap((time) => [time, time]));
  for (const { updated_at } of Object.values(told())) {
    assert.ok(updated_at === undefined || updated_at as number <= STORY_ONCE.startedAt);
  }
});

Deno.test("shuffled, events keep the order of the story in their times", () => {
  const timeOf = ({ body }: { body: unknown }) => JSON.parse(body as string).timestamp;
  const byTime = plan({ shuffle: true }).toSorted((a, b) => timeOf(a) - timeOf(b));
  assert.deepEqual(byTime.map(({ type }) => type), STORY_TYPES);
});

Deno.test("each repetition tells a new story", () => {
  const planned = plan({ repeat: 3, content: { kind: "samples", types: ["user.created"] } });
  const userIds = planned.map(({ body }) => JSON.parse(body as string).data.id);
  assert.equal(new Set(userIds).size, 3);
  assert.equal(new Set(planned.map(({ id }) => id)).size, 3);
});

Deno.test("duplicates follow their event with the same id and body", () => {
  assert.deepEqual(plan({ duplicates: 2 }), plan().flatMap((event) => [event, event, event]));
});

Deno.test("shuffled, the same deliveries come in another order", () => {
  const byId = (a: { id: string }, b: { id: string }) => a.id < b.id ? -1 : 1;
  const shape = { repeat: 5, duplicates: 1 };
  const ofObjects = ({ id, type, body }: { id: string; type: string; body: unknown }) => {
    return { id, type, data: JSON.parse(body as string).data };
  };
  const straight = plan(shape).map(ofObjects);
  const shuffled = plan({ ...shape, shuffle: true }).map(ofObjects);
  assert.notDeepEqual(shuffled, straight);
  assert.deepEqual(shuffled.toSorted(byId), straight.toSorted(byId));
});

Deno.test("the seed repeats order and ids, another seed changes both", () => {
  const shape = { repeat: 5, shuffle: true };
  assert.deepEqual(plan(shape), plan(shape));
  const other = plan({ ...shape, seed: "other" });
  const ids = new Set(plan(shape).map(({ id }) => id));
  assert.ok(other.every(({ id }) => !ids.has(id)));
  assert.notDeepEqual(other.map(({ type }) => type), plan(shape).map(({ type }) => type));
});

Deno.test("data is sent as it is, in a complete envelope of now", () => {
  const data = { id: "org_1", name: "My Organization", created_by: "user_1" };
  const content = { kind: "data", type: "organization.created", data } as const;
  const [delivery] = plan({ content, instanceId: "ins_mine" });
  assert.equal(delivery?.type, "organization.created");
  assert.deepEqual(JSON.parse(delivery?.body as string), {
    object: "event",
    type: "organization.created",
    data,
    timestamp: STORY_ONCE.startedAt,
    instance_id: "ins_mine",
    event_attributes: SAMPLES["user.created"].event_attributes,
  });
});

Deno.test("other data under the same seed is another event", () => {
  const [a, again, b] = ["A", "A", "B"].map((name) =>
    plan({ content: { kind: "data", type: "organization.created", data: { name } } })[0]!.id
  );
  assert.equal(again, a);
  assert.notEqual(b, a);
});

Deno.test("a body is sent untouched under a new id each time, whatever it is", () => {
  for (
    const [text, type] of [
      ['{ "type": "user.created" }', "user.created"],
      ["{broken", "(no type)"],
      ["null", "(no type)"],
      ['{"type":1}', "(no type)"],
    ]
  ) {
    const body = new TextEncoder().encode(text);
    const planned = plan({ content: { kind: "body", body }, repeat: 2 });
    assert.deepEqual(planned.map((delivery) => delivery.body), [body, body]);
    assert.deepEqual(planned.map((delivery) => delivery.type), [type, type]);
    assert.notEqual(planned[0]?.id, planned[1]?.id);
  }
});
