import fc from "fast-check";
import assert from "node:assert/strict";
import type { ClerkInstance } from "../clerk_api/instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { completeHistories } from "../convergence/clerk/arbitrary.ts";
import type { Command } from "../convergence/clerk/command.ts";
import { simulate } from "../convergence/clerk/simulator.ts";
import { deliverUntilAccepted } from "../convergence/delivery/as_svix.ts";
import { judge, type Sent } from "../convergence/delivery/judge.ts";
import { deliveries, schedules } from "../convergence/delivery/schedule.ts";
import { readTables } from "../convergence/delivery/tables.ts";
import { work } from "../convergence/delivery/workers.ts";
import { differences } from "../convergence/rules/difference.ts";
import { truth } from "../convergence/rules/truth.ts";
import { newTag, runs } from "../convergence/support.ts";
import { groundTest, runBackfill } from "./ground.ts";

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
      await using server = startClerkApi({ instance: livingInstance(commands, tag, MOMENTS) });
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

/** An instance that lives through a history while it is asked: each answer is that of some moment, and none is older than the last. */
export function livingInstance(commands: readonly Command[], tag: string, moments: number) {
  const worlds = Array.from({ length: moments }, (_, index) => {
    const lived = Math.ceil(commands.length * (index + 1) / moments);
    return new WorldInstance(simulate(commands.slice(0, lived), tag).world);
  });
  let answers = 0;
  const now = () => worlds[Math.min(answers++, moments - 1)]!;
  const instance: ClerkInstance = {
    id: worlds[0]!.id,
    user: (id) => now().user(id),
    users: (query) => now().users(query),
    countUsers: (ids) => now().countUsers(ids),
    organization: (idOrSlug) => now().organization(idOrSlug),
    organizations: (query) => now().organizations(query),
    memberships: (query) => now().memberships(query),
  };
  return instance;
}
