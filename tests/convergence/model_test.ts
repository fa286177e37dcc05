import fc from "fast-check";
import assert from "node:assert/strict";
import converge from "../../scripts/converge.ts";
import { callsSince, readCalls } from "../../scripts/converge/calls.ts";
import { completeHistories, histories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { bodyText } from "../../scripts/converge/clerk/world.ts";
import { planHistory } from "../../scripts/converge/plan.ts";
import { FactBook } from "../../scripts/converge/rules/facts.ts";
import { tablesAfter } from "../../scripts/converge/rules/model.ts";
import { differences } from "../../scripts/converge/rules/tables.ts";
import { truth } from "../../scripts/converge/rules/truth.ts";
import { deliveries, interleave, schedules } from "../../scripts/converge/schedule.ts";
import { formatReport, isClean, Tally } from "../../scripts/converge/tally.ts";
import { deliver, newStory } from "../support/stack.ts";
import { stackEnv } from "../support/stack_env.ts";
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
    "organizationInvitation.accepted",
    "organizationInvitation.created",
    "organizationInvitation.revoked",
    "organizationMembership.created",
    "organizationMembership.deleted",
    "organizationMembership.updated",
    "session.created",
    "session.ended",
    "session.revoked",
    "subscription.active",
    "subscription.created",
    "subscription.pastDue",
    "subscription.updated",
    "subscriptionItem.abandoned",
    "subscriptionItem.active",
    "subscriptionItem.canceled",
    "subscriptionItem.ended",
    "subscriptionItem.freeTrialEnding",
    "subscriptionItem.incomplete",
    "subscriptionItem.pastDue",
    "subscriptionItem.upcoming",
    "subscriptionItem.updated",
    "user.created",
    "user.deleted",
    "user.updated",
  ]);
});

Deno.test("converge: a seed repeats histories and orders, and a number picks one of them", () => {
  const bodies = (seed: number, index: number) => planHistory(seed, index, "t").order.map(bodyText);
  assert.deepEqual(bodies(7, 3), bodies(7, 3));
  assert.notDeepEqual(bodies(7, 3), bodies(7, 4));
  assert.notDeepEqual(bodies(7, 3), bodies(8, 3));
});

Deno.test("converge: deliveries of so many histories alternate, each in its own order", () => {
  const plans = [{ order: ["a1", "a2", "a3"] }, { order: ["b1"] }, { order: ["c1", "c2"] }];
  const items = [...interleave(plans, 2)].map(({ item }) => item);
  assert.deepEqual(items, ["a1", "b1", "a2", "a3", "c1", "c2"]);
});

Deno.test("converge: an error answer, a divergence or a miscount of the ledger is a failure", () => {
  const good = { differences: [], ledger: [], attempts: 1 };
  const reportOf = (answer: string, verdict: typeof good | { differences: string[] }) => {
    const tally = new Tally();
    tally.answered(answer);
    tally.judged(0, 1, { ...good, ...verdict });
    return tally.report(1, 1, false);
  };
  assert.ok(isClean(reportOf("200 applied", good)));
  assert.ok(!isClean(reportOf("503 unavailable", good)));
  assert.ok(!isClean(reportOf("200 applied", { differences: ["users user_1: missing"] })));
  assert.ok(!isClean(reportOf("200 applied", { ...good, attempts: 2 })));
});

Deno.test("converge: the report says how many deliveries went in how many pages, where it was told", () => {
  const calls = { alone: { calls: 40, deliveries: 40 }, page: { calls: 12, deliveries: 1_234 } };
  const told = formatReport(new Tally().report(1, 1, false, calls));
  assert.match(told, /^in pages +1,234 in 12 pages, 40 alone$/m);
  assert.doesNotMatch(formatReport(new Tally().report(1, 1, false)), /pages/);
});

Deno.test("converge: what the function counted is told to whoever has the key", async () => {
  const { WEBHOOK_URL, SECRET_KEY } = stackEnv();
  const before = await readCalls(WEBHOOK_URL, SECRET_KEY);
  await deliver(newStory()("user.created"));
  const { alone, page } = callsSince(before!, (await readCalls(WEBHOOK_URL, SECRET_KEY))!);
  assert.equal(alone.deliveries + page.deliveries, 1);
  assert.equal(await readCalls(WEBHOOK_URL, "another key"), null);
  assert.equal(await readCalls("http://127.0.0.1:9", SECRET_KEY), null);
});

Deno.test("converge: a number out of range, or without its option, is refused", () => {
  assert.throws(() => converge.parse(["--histories", "0"]), /from 1 to 1000000/);
  assert.throws(() => converge.parse(["--concurrency", "65"]), /from 1 to 64/);
  assert.throws(() => converge.parse(["200"]), /after `--`/);
});
