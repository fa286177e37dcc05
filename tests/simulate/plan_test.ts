import assert from "node:assert/strict";
import { type Plan, planDeliveries, type PlanInput } from "../../scripts/simulate/plan.ts";
import { SAMPLES, STORY_TYPES } from "../../scripts/simulate/samples.ts";

const STORY_ONCE: PlanInput = {
  content: { kind: "samples", types: STORY_TYPES },
  repeat: 1,
  duplicates: 0,
  shuffle: false,
  seed: "test",
  startedAt: Date.UTC(2027, 0, 5),
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
  assert.equal(new Set(planned.map(({ id }) => id)).size, 10);
  for (const { id } of planned) assert.match(id, /^msg_\w{27}$/);
});

Deno.test("each repetition tells a new story", () => {
  const planned = plan({ repeat: 3, content: { kind: "samples", types: ["user.created"] } });
  const userIds = planned.map(({ body }) => JSON.parse(body as string).data.id);
  assert.equal(new Set(userIds).size, 3);
  assert.equal(new Set(planned.map(({ id }) => id)).size, 3);
});

Deno.test("duplicates follow their event with the same id and body", () => {
  const planned = plan({ duplicates: 2 });
  assert.equal(planned.length, 30);
  assert.deepEqual(planned[1], planned[0]);
  assert.deepEqual(planned[2], planned[0]);
  assert.notEqual(planned[3]?.id, planned[0]?.id);
});

Deno.test("shuffled, the same deliveries come in another order", () => {
  const byId = (a: { id: string }, b: { id: string }) => a.id < b.id ? -1 : 1;
  const shape = { repeat: 5, duplicates: 1 };
  const straight = plan(shape);
  const shuffled = plan({ ...shape, shuffle: true });
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
  const planOf = (name: string) =>
    plan({ content: { kind: "data", type: "organization.created", data: { id: "org_1", name } } });
  assert.equal(planOf("A")[0]?.id, planOf("A")[0]?.id);
  assert.notEqual(planOf("A")[0]?.id, planOf("B")[0]?.id);
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
