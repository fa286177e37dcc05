/** Random histories of Clerk of which webhooks are lost, and rows are damaged: a repair leaves what Clerk holds. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Ground, groundTest } from "../backfill/ground.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { completeHistories, histories } from "../../scripts/converge/clerk/commands.ts";
import type { ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { connectAsService, sendInProcess } from "../convergence/send.ts";
import { newTag, runs } from "../convergence/support.ts";
import { check, repair } from "./ground.ts";
import { differencesTo } from "./living_tables.ts";

const VARIETY = { users: 8, organizations: 6, length: 100 };

/** Which events arrive, read round and round. */
const losses = fc.array(fc.boolean(), { minLength: 1, maxLength: 37, size: "max" });

async function deliver(ground: Ground, events: ClerkEvent[]): Promise<void> {
  const service = connectAsService(ground.env.DB_URL, 1);
  const send = sendInProcess(service);
  for (const event of events) assert.match(await send(event), /^200 /);
  await service.end();
}

groundTest("drift: random histories", async (ground, step) => {
  for (
    const [name, told] of [["whole", completeHistories], ["partly announced", histories]] as const
  ) {
    await step(
      `${name}, of which half the webhooks are lost, are repaired to what Clerk holds`,
      async () => {
        const property = fc.asyncProperty(told(VARIETY), losses, async (commands, arrives) => {
          await ground.empty();
          const { events, world } = simulate(commands, newTag());
          await deliver(ground, events.filter((_, index) => arrives[index % arrives.length]));
          // The first users may be lost as well: then nothing tells that it is the same instance.
          await ground.sql`select public.bind_instance('ins_of_this_history')`;
          const instance = new WorldInstance(world, { id: "ins_of_this_history" });
          await using server = startClerkApi({ instance });
          const report = await repair(ground, server, { limit: 4 });
          assert.deepEqual(await differencesTo(world, ground), []);
          assert.equal(report.exit_code, 0);
          assert.equal((await check(ground, server, { limit: 50 })).outcome, "in_sync");
        });
        await fc.assert(property, runs(25));
      },
    );
  }

  await step("webhooks that come after the repair change nothing", async () => {
    const property = fc.asyncProperty(
      completeHistories(VARIETY),
      losses,
      async (commands, arrives) => {
        await ground.empty();
        const { events, world } = simulate(commands, newTag());
        const [late, early] = [true, false].map((isLate) =>
          events.filter((_, index) => arrives[index % arrives.length] !== isLate)
        );
        await deliver(ground, early!);
        await ground.sql`select public.bind_instance('ins_of_this_history')`;
        const instance = new WorldInstance(world, { id: "ins_of_this_history" });
        await using server = startClerkApi({ instance });
        await repair(ground, server, { limit: 4 });
        await deliver(ground, late!.toReversed());
        assert.deepEqual(await differencesTo(world, ground), []);
        assert.equal((await check(ground, server, { limit: 50 })).outcome, "in_sync");
      },
    );
    await fc.assert(property, runs(25));
  });
});
