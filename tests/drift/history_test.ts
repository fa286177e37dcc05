/** Random histories of Clerk of which webhooks are lost, and rows are damaged: a repair leaves what Clerk holds. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { type Ground, groundTest } from "../backfill/ground.ts";
import { differencesTo } from "../backfill/tables.ts";
import type { ClerkInstance } from "../clerk_api/instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { completeHistories, histories } from "../convergence/clerk/arbitrary.ts";
import type { Command } from "../convergence/clerk/command.ts";
import type { ClerkEvent } from "../convergence/clerk/event.ts";
import { simulate } from "../convergence/clerk/simulator.ts";
import { connectAsService, sendInProcess } from "../convergence/delivery/in_process.ts";
import { newTag, runs } from "../convergence/support.ts";
import { check, repair } from "./ground.ts";

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
    await step(`${name}, of which half are lost, are repaired to what Clerk holds`, async () => {
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
    });
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

/** Repairs, one after the other, while Clerk lives on and its webhooks arrive late, in any order and twice. */
const HISTORIES = 6;
const ID = "ins_of_this_history";

/** A Clerk that has lived as far as it was told to. */
class LivingClerk implements ClerkInstance {
  readonly id = ID;
  #lived = 0;
  #now: WorldInstance;

  constructor(readonly commands: readonly Command[], readonly tag: string) {
    this.#now = new WorldInstance(simulate([], tag).world, { id: ID });
  }

  get isOver(): boolean {
    return this.#lived === this.commands.length;
  }

  /** Lives through some commands more. */
  live(count: number): void {
    this.#lived = Math.min(this.#lived + count, this.commands.length);
    this.#now = new WorldInstance(this.history().world, { id: ID });
  }

  history() {
    return simulate(this.commands.slice(0, this.#lived), this.tag);
  }

  user = (id: string) => this.#now.user(id);
  users: ClerkInstance["users"] = (query) => this.#now.users(query);
  countUsers: ClerkInstance["countUsers"] = (ids) => this.#now.countUsers(ids);
  organization = (id: string) => this.#now.organization(id);
  organizations: ClerkInstance["organizations"] = (query) => this.#now.organizations(query);
  memberships: ClerkInstance["memberships"] = (query) => this.#now.memberships(query);
}

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
      await ground.sql`select public.bind_instance(${ID})`;
      const clerk = new LivingClerk(commands, newTag());
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
