/**
 * Random histories of Clerk, in any order, several times and at once: the tables are always what the rules make of the
 * events that were delivered.
 *
 * Each rule was taken out of the SQL by hand, to see which tests fail then. "each" is the first property below, "batch"
 * the second, "contest" the sixteen workers of concurrency_test.ts, "pair" its memberships of one pair, "story" all
 * orders of the stories of every_order_test.ts, which catches at least one of a line's changes. What locks prevent shows
 * by chance: in most runs, not in all.
 *
 * 1. Version
 *    users, organizations or memberships merge without comparing versions       each, batch, contest, story
 *    the event's time is compared, not updated_at                               each, batch, contest, story
 *    equal updated_at: the event's time is not compared, or not the svix-id     each, batch, contest
 * 2. Deletion
 *    a delete of something never seen is forgotten (user, organization)         each, batch, contest
 *    a later event revives what was deleted (user, organization)                each, batch, contest
 *    fields that arrive after the delete are dropped                            each, batch, contest
 * 3. Generations
 *    the generation that was heard of last is the newest                        each, batch
 *    generations go by id alone                                                 each, batch, contest
 *    two of one millisecond don't go by id                                      each, batch
 *    a deletion of any generation removes the member                            each, batch, contest
 *    within a generation a later event undoes the deletion                      each, batch, contest, story
 *    a deletion that comes first is forgotten                                   each, batch, contest, story
 * 4. Owner
 *    generation zero supersedes events of the pair                              each, batch, contest, story
 *    organization.created makes nobody a member                                 each, batch, story
 *    organization.updated makes the creator a member, too                       each, batch, contest
 *    a creator is owner with every role, or never; `admin` does not count       each, batch, contest, story
 *    the role stays when the creator becomes known later                        each, batch
 *    created_by is blanked by a body that leaves it out                         each, batch, contest
 *    created_by is taken from the newest snapshot only                          each, batch, contest
 * 5. Stubs
 *    stubs count as much as snapshots; the first stub wins                      each, batch, contest, story
 *    a deleting event brings no stubs; no event brings stubs                    each, batch, contest, story
 *    a stale event brings no stubs                                              each, batch
 *    ownership does not wait for its user                                       each, batch, story
 *    a deletion without its user is not resolved by its id, or is forgotten     each, batch, contest, story
 * 6. Slug
 *    the older claimant keeps it; the last to write takes it                    each, batch, contest
 *    a slug that is given up does not go back to the claimant that is left      each, batch
 *    a deleted organization keeps its slug, or its claim                        each, batch, contest
 * 7. Status
 *    always active; unchanged by user.deleted, or by organization.deleted       each, batch, contest
 *    a sign-in does not end with its user (deleted, barred), or ends too when
 *    it began after the ban                                                     each, batch, story
 *    a ban that is stale ends nothing                                           batch, story
 *    the user's end replaces a sign-in's own                                    each, batch
 * 8. Locks
 *    none at all                                                                batch, contest, pair
 *    none on users, organizations, slugs or generations; another order          batch, contest
 *    none on memberships                                                        pair
 *    the slug's unique index is not partial                                     "an owner of several organizations …"
 * 9. Ledger
 *    an event that is settled is applied again                                  each, batch
 * Subscription items, invitations, plans ("items": those of concurrency_test.ts)
 *    any snapshot is the newest                                                 each, batch, contest, story, items
 *    updated_at is not compared                                                 each, batch, contest
 *    equal updated_at: neither the event's time nor the svix-id is compared     each, batch
 *    what is pending outranks an answer that is older by version                batch, contest, story
 *    accepted is terminal against revoked                                       each, batch, contest, story
 *    ids that only a stale snapshot tells are dropped                           each, batch, story
 *    payer, or id, of the subscription is no item's                             each, batch, story
 *    the plan does not follow for an organization that comes after its items    each, batch, story
 *    the plan follows new items only                                            each, batch, story
 *    the plan is that of the newest item; the default one is not the last       each, batch
 *    canceled is in force when it is over, or never                             each, batch
 *    the plan follows without the organization's lock                           contest, items
 *
 * One change shows nowhere, and rightly so: ordering generation zero by time like the others. In Clerk no membership is
 * older than its organization.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { histories } from "../../scripts/converge/clerk/commands.ts";
import { type History, simulate } from "../../scripts/converge/clerk/simulator.ts";
import type { ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import { divergence } from "../../scripts/converge/judge.ts";
import { FactBook } from "../../scripts/converge/rules/facts.ts";
import { batchesOf, deliveries, schedules } from "../../scripts/converge/schedule.ts";
import { migratedDatabase } from "../support/migrated_database.ts";
import { sendInProcess, sendMixed, sendOverHttp, sendTogether } from "./send.ts";
import { assertTables, convergenceTest, newTag, runs, story, withConnections } from "./support.ts";

/** Applied or stale once, a duplicate every other time. */
function assertAnswers(deliveries: ClerkEvent[], answers: string[]): void {
  assert.deepEqual(answers.filter((said) => !/^200 (applied|stale|duplicate)$/.test(said)), []);
  const settled = deliveries.filter((_, index) => answers[index] !== "200 duplicate");
  assert.deepEqual(
    settled.map(({ id }) => id).sort(),
    [...new Set(deliveries.map(({ id }) => id))].sort(),
    "each event is settled by exactly one delivery",
  );
}

/** A history told anew, and its events in the order of a schedule. */
interface Told extends History {
  order: ClerkEvent[];
  batches: ClerkEvent[][];
}

/** Checks so many histories, each in an order of its own. */
async function check(count: number, run: (told: Told) => Promise<void>): Promise<void> {
  const property = fc.asyncProperty(histories(), schedules(), async (commands, schedule) => {
    const history = simulate(commands, newTag());
    const order = deliveries(history.events, schedule);
    await run({ ...history, order, batches: batchesOf(order, schedule) });
  });
  await fc.assert(property, runs(count));
}

/** Sends in this process; the SQLSTATEs of calls that had to be repeated are a failure of the check. */
function sendOnce(service: Sql, sendBy: typeof sendInProcess) {
  const errors: string[] = [];
  return {
    send: sendBy(service, (code) => errors.push(code)),
    assertOnce: () => assert.deepEqual(errors.splice(0), [], "calls that had to be repeated"),
  };
}

convergenceTest(
  "after each delivery, in any order, the tables are what the rules make of the events so far",
  async ({ owner, service }) => {
    const send = sendInProcess(service);
    await check(100, async ({ world, order }) => {
      const known = new FactBook();
      const answers: string[] = [];
      for (const [index, event] of order.entries()) {
        answers.push(await send(event));
        known.add(event);
        const delivered = order.slice(0, index + 1);
        await assertTables(owner, world, delivered, known);
      }
      assertAnswers(order, answers);
    });
  },
);

/** How the deliveries of a batch go to the database. */
const WAYS = {
  "by themselves": sendInProcess,
  "together": sendTogether,
  "in both ways": sendMixed,
};

for (const [way, sendBy] of Object.entries(WAYS)) {
  convergenceTest(
    `after each batch of deliveries that go at once, ${way}, the tables are what the rules make of the events so far`,
    async ({ owner, service }) => {
      const { send, assertOnce } = sendOnce(service, sendBy);
      await check(100, async ({ world, order, batches }) => {
        const delivered: ClerkEvent[] = [];
        const answers: string[] = [];
        for (const batch of batches) {
          answers.push(...await Promise.all(batch.map(send)));
          delivered.push(...batch);
          assert.deepEqual(await divergence(owner, world, delivered), [], story(order));
        }
        assertAnswers(order, answers);
        assertOnce();
      });
    },
  );
}

convergenceTest(
  "signed HTTP deliveries, in any order, several times and at once, end in the model's state",
  async ({ owner }) => {
    const send = sendOverHttp();
    await check(60, async ({ events, world, order, batches }) => {
      const answers: string[] = [];
      for (const batch of batches) answers.push(...await Promise.all(batch.map(send)));
      assertAnswers(order, answers);
      assert.deepEqual(await divergence(owner, world, events), [], story(order));
    });
  },
);

Deno.test("where every deletion is a crowd's, the rows follow, and end as the rules make them", async () => {
  await using database = await migratedDatabase(() => Promise.resolve());
  await withConnections(database.url, async ({ owner, service }) => {
    const { send, assertOnce } = sendOnce(service, sendMixed);
    await owner.unsafe(ANY_MEMBER_IS_A_CROWD);
    await check(100, async ({ world, order, batches }) => {
      const delivered: ClerkEvent[] = [];
      for (const batch of batches) {
        await Promise.all(batch.map(send));
        delivered.push(...batch);
        while ((await owner`select from clerk_sync.unsettled`).count > 0) {
          await owner`select clerk_sync.settle_members(1)`;
        }
        assert.deepEqual(await divergence(owner, world, delivered), [], story(order));
      }
      assertOnce();
    });
  });
});

const ANY_MEMBER_IS_A_CROWD = `
  create or replace function clerk_sync.is_crowd(p_parent_id uuid)
  returns boolean
  language sql
  stable
  set search_path = pg_catalog, pg_temp
  return exists (select from public.organization_members where p_parent_id in (organization_id, user_id))`;
