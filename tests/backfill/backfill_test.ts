import fc from "fast-check";
import assert from "node:assert/strict";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { completeHistories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import { isInForce, type World } from "../../scripts/converge/clerk/world.ts";
import { readTables } from "../../scripts/converge/judge.ts";
import { differences } from "../../scripts/converge/rules/tables.ts";
import { newTag, runs } from "../convergence/support.ts";
import { type Ground, groundTest, runBackfill } from "./ground.ts";
import { countsOf, tablesOf, traceOf } from "./tables.ts";
import { crowd } from "./worlds.ts";

/** Some dozens of each, with all that can happen to them. */
const MANY = { users: 40, organizations: 15, length: 250 };

function randomWorlds(count: number): World[] {
  const told = fc.sample(completeHistories(MANY), runs(count));
  return told.map((commands) => simulate(commands, newTag()).world);
}

async function differencesTo(world: World, { sql }: Ground): Promise<string[]> {
  return differences(tablesOf(world), await readTables(sql, world));
}

groundTest("backfill: what Clerk holds is in the project", async (ground, step) => {
  await step("all that the model has is there", async () => {
    for (const world of randomWorlds(10)) {
      await ground.empty();
      await using server = startClerkApi({ instance: new WorldInstance(world) });
      const { end, state } = await runBackfill(ground, server, { limit: 7 });
      assert.deepEqual(end, { kind: "complete" });
      assert.deepEqual(await differencesTo(world, ground), []);
      assert.equal(state.memberships.read, world.memberships.filter(isInForce).length);
    }
  });

  await step("a second run reads everything, and applies nothing", async () => {
    const [world] = randomWorlds(1);
    await using server = startClerkApi({ instance: new WorldInstance(world) });
    const first = await runBackfill(ground, server);
    const second = await runBackfill(ground, server);
    assert.deepEqual(
      countsOf(second.state),
      countsOf(first.state).map((counts) => {
        const [read, applied] = counts.split("/");
        assert.equal(read, applied);
        return `${read}/0/${read}`;
      }),
    );
    assert.deepEqual([first.isResumed, second.isResumed], [false, false]);
  });

  await step("what Clerk has deleted meanwhile hides nothing else", async () => {
    for (let round = 0; round < 5; round++) {
      await ground.empty();
      const instance = crowd(100);
      await using server = startClerkApi({ instance });
      const random = fc.sample(fc.nat(), { ...runs(500), unbiased: true }).values();
      let page = 0;
      const { end } = await runBackfill(ground, server, {
        limit: 5,
        onPage: () => deleteSomething(instance, ++page, random),
      });
      assert.deepEqual(end, { kind: "complete" });
      // What was read before it was deleted is there too: its deletion is a webhook's to tell.
      const lost = await differencesTo(instance.world, ground);
      assert.deepEqual(lost.filter((line) => line.includes("missing")), []);
    }
  });

  await step("pages of 500 do, too", async () => {
    const instance = new WorldInstance();
    const organization = instance.addOrganization({ slug: "big" });
    for (let index = 0; index < 1_100; index++) {
      instance.addMembership(organization, instance.addUser());
    }
    await using server = startClerkApi({ instance });
    const { state } = await runBackfill(ground, server, { limit: 500 });
    assert.deepEqual(countsOf(state), ["1100/1100/0", "1/1/0", "1100/1100/0"]);
    assert.deepEqual(await differencesTo(instance.world, ground), []);
  });

  await step("an instance without anybody is complete at once", async () => {
    await using server = startClerkApi({ instance: new WorldInstance() });
    const { end, state } = await runBackfill(ground, server);
    assert.deepEqual([end.kind, countsOf(state)], ["complete", ["0/0/0", "0/0/0", "0/0/0"]]);
  });
});

groundTest("backfill: a dry run", async (ground, step) => {
  await step("writes nothing, and counts what a run would apply", async () => {
    const [world] = randomWorlds(1);
    await using server = startClerkApi({ instance: new WorldInstance(world) });
    const dry = await runBackfill(ground, server, { isDryRun: true });
    assert.deepEqual(dry.end, { kind: "complete" });
    assert.deepEqual(await traceOf(ground), []);
    const real = await runBackfill(ground, server);
    assert.deepEqual(countsOf(dry.state), countsOf(real.state));
  });

  await step("counts what has changed in Clerk, and nothing else", async () => {
    const instance = new WorldInstance();
    const [ada, grace] = [instance.addUser(), instance.addUser()];
    const organization = instance.addOrganization({ created_by: ada });
    instance.addMembership(organization, grace);
    await using server = startClerkApi({ instance });
    await runBackfill(ground, server);
    instance.changeUser(ada, { first_name: "Augusta" });
    instance.addMembership(instance.addOrganization(), instance.addUser());
    const dry = await runBackfill(ground, server, { isDryRun: true });
    assert.deepEqual(countsOf(dry.state), ["3/2/1", "2/1/1", "3/1/2"]);
    const real = await runBackfill(ground, server);
    assert.deepEqual(countsOf(real.state), countsOf(dry.state));
  });

  await step("leaves the checkpoint of an unfinished run alone", async () => {
    const [world] = randomWorlds(1);
    await using server = startClerkApi({ instance: new WorldInstance(world) });
    const interruption = new AbortController();
    const { signal } = interruption;
    await runBackfill(ground, server, { signal, onPage: () => interruption.abort() });
    const before = await ground.sql`select * from clerk_sync.runs`;
    const dry = await runBackfill(ground, server, { isDryRun: true });
    assert.equal(dry.isResumed, false);
    assert.deepEqual(await ground.sql`select * from clerk_sync.runs`, before);
  });
});

/** One membership, now and then a user or an organization: enough is left to be skipped. */
function deleteSomething(instance: WorldInstance, page: number, random: Iterator<number>): void {
  const { users, organizations, memberships } = instance.world;
  const pick = <Item>(items: Item[]) => items[random.next().value! % items.length];
  const lives = ({ deletedAt }: { deletedAt: number | null }) => deletedAt === null;
  instance.removeMembership(pick(memberships.filter(isInForce))!.id);
  if (page % 4 === 0) instance.deleteUser(pick(users.filter(lives))!.id);
  if (page % 8 === 0) instance.deleteOrganization(pick(organizations.filter(lives))!.id);
}
