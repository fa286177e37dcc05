import assert from "node:assert/strict";
import fc from "fast-check";
import { completeHistories, histories } from "./clerk/arbitrary.ts";
import { simulate } from "./clerk/simulator.ts";
import { deliveries, schedules } from "./delivery/schedule.ts";
import { differences } from "./rules/difference.ts";
import { FactBook } from "./rules/facts.ts";
import { tablesAfter } from "./rules/model.ts";
import { truth } from "./rules/truth.ts";
import { runs } from "./support.ts";

Deno.test("the rules lead to what Clerk itself holds, when every event is announced", () => {
  fc.assert(
    fc.property(completeHistories({ length: 30 }), (commands) => {
      const { events, world } = simulate(commands, "t");
      assert.deepEqual(differences(truth(world), tablesAfter(new FactBook(events))), []);
    }),
    runs(2_000),
  );
});

Deno.test("the rules prescribe one state, whatever the order and number of deliveries", () => {
  fc.assert(
    fc.property(histories(), schedules(), (commands, schedule) => {
      const { events } = simulate(commands, "t");
      const expected = tablesAfter(new FactBook(events));
      const delivered = new FactBook(deliveries(events, schedule));
      assert.deepEqual(differences(expected, tablesAfter(delivered)), []);
    }),
    runs(2_000),
  );
});

Deno.test("histories hold every type of event that the sync follows", () => {
  const types = new Set<string>();
  for (const commands of fc.sample(histories(), runs(300))) {
    for (const { type } of simulate(commands, "t").events) types.add(type);
  }
  assert.deepEqual([...types].sort(), [
    "organization.created",
    "organization.deleted",
    "organization.updated",
    "organizationMembership.created",
    "organizationMembership.deleted",
    "organizationMembership.updated",
    "session.created",
    "session.ended",
    "session.revoked",
    "user.created",
    "user.deleted",
    "user.updated",
  ]);
});
