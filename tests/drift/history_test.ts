/** Random histories of Clerk of which webhooks are lost, and rows are damaged: a repair leaves what Clerk holds. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { type Ground, groundTest } from "../backfill/ground.ts";
import { differencesTo } from "../backfill/tables.ts";
import { LivingClerk } from "../backfill/worlds.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { completeHistories, histories } from "../../scripts/converge/clerk/commands.ts";
import type { ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { connectAsService, sendInProcess } from "../convergence/send.ts";
import { newTag, runs } from "../convergence/support.ts";
import { check, repair } from "./ground.ts";

const ID = "ins_of_this_history";
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
  const kinds = [["whole", completeHistories], ["partly announced", histories]] as const;
  for (const [name, told] of kinds) {
    await step(
      `${name}, are repaired to what Clerk holds, whatever webhooks come after`,
      async () => {
        const property = fc.asyncProperty(told(VARIETY), losses, async (commands, arrives) => {
          await ground.empty();
          const { events, world } = simulate(commands, newTag());
          const isEarly = (_: unknown, index: number) => arrives[index % arrives.length]!;
          await deliver(ground, events.filter(isEarly));
          // The first users may be lost as well: then nothing tells that it is the same instance.
          await ground.sql`select public.sync_bind_instance(${ID})`;
          await using server = startClerkApi({ instance: new WorldInstance(world, { id: ID }) });
          const report = await repair(ground, server, { limit: 4 });
          assert.deepEqual(await differencesTo(world, ground), []);
          assert.equal(report.exit_code, 0);
          const late = events.filter((event, index) => !isEarly(event, index));
          await deliver(ground, late.toReversed());
          assert.deepEqual(await differencesTo(world, ground), []);
          assert.equal((await check(ground, server, { limit: 50 })).outcome, "in_sync");
        });
        await fc.assert(property, runs(25));
      },
    );
  }
});

/** Repairs, one after the other, while Clerk lives on and its webhooks arrive late, in any order and twice. */
const HISTORIES = 6;

groundTest("drift: repairs that race webhooks", async (ground, step) => {
  await step("of a Clerk that changes meanwhile, end in what Clerk holds", async () => {
    const service = connectAsService(ground.env.DB_URL, 4);
    const send = sendInProcess(service);
    const told = fc.tuple(
      completeHistories({ users: 6, organizations: 5, length: 90 }),
      fc.array(fc.nat(9), { minLength: 5, maxLength: 31, size: "max" }),
    );
    for (const [commands, chances] of fc.sample(told, runs(HISTORIES))) {
      await ground.empty();
      await ground.sql`select public.sync_bind_instance(${ID})`;
      const clerk = new LivingClerk(commands, newTag(), { id: ID });
      await using server = startClerkApi({ instance: clerk });
      const chance = cycle(chances);
      let isOver = false;

      const living = (async () => {
        const waiting: { id: string }[] = [];
        let known = 0;
        while (!clerk.isOver || waiting.length > 0) {
          // At least one: chances that repeat themselves might let nothing happen for ever.
          clerk.live(1 + chance() % 3);
          const { events } = clerk.history();
          for (const event of events.slice(known)) {
            // One in ten is lost.
            if (chance() > 0) waiting.push(event, ...(chance() > 7 ? [event] : []));
          }
          known = events.length;
          const [event] = waiting.splice(chance() % Math.max(waiting.length, 1), 1);
          await new Promise((wake) => setTimeout(wake, 4 * chance()));
          if (event) assert.match(await send(event as typeof events[number]), /^200 /);
        }
        isOver = true;
      })();
      let repairs = 0;
      for (; !isOver || repairs === 0; repairs++) {
        const { outcome, error } = await repair(ground, server, { limit: 3 });
        // It may go on changing for as long as it is looked at.
        assert.ok(/^(in_sync|repaired|drift)$/.test(outcome) || error === "unsettled", error ?? "");
      }
      await living;
      await repair(ground, server, { limit: 3 });
      assert.deepEqual(
        await differencesTo(clerk.history().world, ground),
        [],
        `${repairs} repairs`,
      );
      assert.equal((await check(ground, server, { limit: 50 })).outcome, "in_sync");
    }
    await service.end();
  });
});

/** Reads a list round and round. */
function cycle(list: number[]): () => number {
  let index = 0;
  return () => list[index++ % list.length]!;
}
