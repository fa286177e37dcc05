import fc from "fast-check";
import assert from "node:assert/strict";
import { startClerkApi } from "../clerk_api/server.ts";
import { completeHistories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { deliverUntilAccepted } from "../../scripts/converge/deliver.ts";
import { judge, readTables, type Sent } from "../../scripts/converge/judge.ts";
import { deliveries, schedules, work } from "../../scripts/converge/schedule.ts";
import { differences } from "../../scripts/converge/rules/tables.ts";
import { truth } from "../../scripts/converge/rules/truth.ts";
import { newTag, runs } from "../convergence/support.ts";
import { groundTest, runBackfill } from "./ground.ts";
import { LivingClerk } from "./worlds.ts";

const HISTORIES = 12;
const WORKERS = 6;

/** Clerk's life lasts for so many of its answers: two or three backfills. */
const MOMENTS = 60;

groundTest("backfill: racing the webhooks of the same objects", async (ground, step) => {
  await step("shuffled, while Clerk itself changes, ends in the model's state", async () => {
    const told = fc.tuple(
      completeHistories({ users: 8, organizations: 5, length: 120 }),
      schedules(),
    );
    for (const [commands, schedule] of fc.sample(told, runs(HISTORIES))) {
      const tag = newTag();
      const history = simulate(commands, tag);
      const perAnswer = Math.ceil(commands.length / MOMENTS);
      const instance = new LivingClerk(commands, tag, { perAnswer });
      await using server = startClerkApi({ instance });
      const sent = new Map<string, Sent>();
      let isDelivered = false;
      const delivering = work(deliveries(history.events, schedule), WORKERS, async (event) => {
        const answers = await deliverUntilAccepted(event, ground.env);
        const known = sent.get(event.id) ?? { deliveries: 0, accepted: 0 };
        sent.set(event.id, {
          deliveries: known.deliveries + answers.length,
          accepted: known.accepted + 1,
        });
      }).then(() => isDelivered = true);
      let backfills = 0;
      while (!isDelivered || backfills === 0) {
        // Webhooks may be ahead of this Clerk: it need not know the users that they told of.
        const { end } = await runBackfill(ground, server, { limit: 3, isSwitch: true });
        assert.deepEqual(end, { kind: "complete" });
        backfills++;
      }
      await delivering;
      const verdict = await judge(ground.sql, history, sent);
      assert.deepEqual([...verdict.differences, ...verdict.ledger], []);
      const tables = await readTables(ground.sql, history.world);
      assert.deepEqual(differences(truth(history.world), tables), []);
    }
  });
});
