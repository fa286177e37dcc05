import fc from "fast-check";
import assert from "node:assert/strict";
import { completeHistories, histories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { FactBook } from "../../scripts/converge/rules/facts.ts";
import { tablesAfter } from "../../scripts/converge/rules/model.ts";
import { differences } from "../../scripts/converge/rules/tables.ts";
import { truth } from "../../scripts/converge/rules/truth.ts";
import { deliveries, schedules } from "../../scripts/converge/schedule.ts";
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
