/**
 * The change queue tells the changes of the model: random histories of Clerk, in any order, several times, at once and through
 * crashes, and after each batch of deliveries the messages of it are what lies between the model's states.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { histories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import type { ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import { FactBook } from "../../scripts/converge/rules/facts.ts";
import { tablesAfter } from "../../scripts/converge/rules/model.ts";
import { batchesOf, deliveries, schedules } from "../../scripts/converge/schedule.ts";
import { type Message, queueDatabase } from "../queue/support.ts";
import { connectAsService, sendInProcess, sendMixed } from "./send.ts";
import { newTag, runs, story } from "./support.ts";

/** What is there for an app, by key, with the columns that it sees. */
type Seen = Map<string, Record<string, unknown>>;

/** What the model says is there once these events were delivered: nobody who is deleted, no stub, no inactive member. */
function seenAfter(delivered: Iterable<ClerkEvent>): Seen {
  const { users, organizations, members, subscriptions, invitations } = tablesAfter(
    new FactBook(delivered),
  );
  const seen: Seen = new Map();
  for (const [name, rows] of Object.entries({ user: users, organization: organizations })) {
    for (const [id, { updated_at, deleted_at, ...columns }] of rows) {
      // Of a stub the model says no time.
      if (updated_at !== null && deleted_at === null) seen.set(`${name} ${id}`, columns);
    }
  }
  for (const [pair, { status, ...columns }] of members) {
    if (status === "active") seen.set(`member ${pair}`, columns);
  }
  for (
    const [name, rows] of Object.entries({ subscription: subscriptions, invitation: invitations })
  ) {
    for (const [id, { updated_at: _, ...columns }] of rows) seen.set(`${name} ${id}`, columns);
  }
  return seen;
}

/** The messages that say how one state became another, as `user user_1: changed email, username`, sorted. */
function changesBetween(before: Seen, after: Seen): string[] {
  const changes: string[] = [];
  for (const [key, columns] of after) {
    const former = before.get(key);
    if (!former) changes.push(`${key}: ${key.startsWith("member") ? "joined" : "appeared"}`);
    else {
      const names = Object.keys(columns).filter((name) =>
        JSON.stringify(former[name]) !== JSON.stringify(columns[name])
      );
      if (names.length > 0) changes.push(`${key}: changed ${names.sort().join(", ")}`);
    }
  }
  for (const key of before.keys()) {
    if (!after.has(key)) changes.push(`${key}: ${key.startsWith("member") ? "left" : "deleted"}`);
  }
  return changes.sort();
}

/** A message in the words of `changesBetween`. */
function wordsOf({ kind, columns, ...ids }: Message): string {
  const [subject = "", word] = kind.split(".");
  const { organization_external_id: organization, user_external_id: user } = ids;
  const key = subject === "member" ? `${organization} ${user}` : ids[`${subject}_external_id`];
  return `${subject} ${key}: ${[word, columns.toSorted().join(", ")].join(" ").trim()}`;
}

/** Takes the messages out of the queue, in their order. */
async function takeMessages(sql: Sql): Promise<Message[]> {
  const rows = await sql<{ msg_id: string; message: Message }[]>`
    delete from pgmq.q_clerk_changes where msg_id > 0 returning msg_id, message`;
  return rows.sort((a, b) => Number(a.msg_id) - Number(b.msg_id)).map(({ message }) => message);
}

/** Who is there after these messages, for a reader who knew who was there before. Throws where one can't be true. */
function fold(there: Set<string>, messages: Message[]): Set<string> {
  const known = new Set(there);
  for (const message of messages) {
    const [key = "", said = ""] = wordsOf(message).split(": ");
    const word = said.split(" ")[0];
    const isNew = word === "appeared" || word === "joined";
    assert.equal(known.has(key), !isNew, `${key} ${said}`);
    if (isNew) known.add(key);
    else if (word !== "changed") known.delete(key);
  }
  return known;
}

const keysOf = (seen: Seen) => [...seen.keys()].sort();

/** Runs with the queue on and connections as of the function's calls. */
async function withQueue(run: (queue: { owner: Sql; service: Sql }) => Promise<void>) {
  await using database = await queueDatabase();
  const service = connectAsService(database.database.url, 8);
  try {
    await database.sql`select public.sync_enable_change_queue()`;
    await run({ owner: database.sql, service });
  } finally {
    await service.end();
  }
}

/** Checks so many histories, each in an order of its own. */
async function check(
  count: number,
  run: (order: ClerkEvent[], batches: ClerkEvent[][]) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(histories(), schedules(), async (commands, schedule) => {
    const order = deliveries(simulate(commands, newTag()).events, schedule);
    await run(order, batchesOf(order, schedule));
  });
  await fc.assert(property, runs(count));
}

Deno.test("the messages of each delivery, in any order, are what it changed in the model", () =>
  withQueue(async ({ owner, service }) => {
    const send = sendInProcess(service);
    await check(60, async (order) => {
      await takeMessages(owner);
      let before = seenAfter([]);
      for (const [index, event] of order.entries()) {
        const delivered = order.slice(0, index + 1);
        await send(event);
        const after = seenAfter(delivered);
        const said = (await takeMessages(owner)).map(wordsOf).sort();
        assert.deepEqual(said, changesBetween(before, after), story(delivered));
        before = after;
      }
    });
  }));

Deno.test("of deliveries at once, the messages lead from one state of the model to the next", () =>
  withQueue(async ({ owner, service }) => {
    const send = sendMixed(service);
    await check(60, async (order, batches) => {
      await takeMessages(owner);
      const delivered: ClerkEvent[] = [];
      let there = new Set<string>();
      for (const batch of batches) {
        await Promise.all(batch.map(send));
        delivered.push(...batch);
        there = fold(there, await takeMessages(owner));
        assert.deepEqual([...there].sort(), keysOf(seenAfter(delivered)), story(order));
      }
    });
  }));

Deno.test("through calls that break off and are repeated, no message is lost or said twice", () =>
  withQueue(async ({ owner, service }) => {
    const send = sendMixed(service);
    let broken = 0;
    await check(30, async (order, batches) => {
      await takeMessages(owner);
      for (const batch of batches) {
        for (let open = batch; open.length > 0;) {
          const answers = Promise.all(open.map(send));
          // Whatever it is that ends a transaction early, nothing of it is kept.
          await owner`select pg_cancel_backend(pid) from pg_stat_activity
            where datname = current_database() and state = 'active' and query like 'select public.%'`;
          const said = await answers;
          open = open.filter((_, index) => !said[index]!.startsWith("200"));
          broken += open.length;
        }
      }
      const there = fold(new Set(), await takeMessages(owner));
      assert.deepEqual([...there].sort(), keysOf(seenAfter(order)), story(order));
    });
    assert.ok(broken > 0, "no call broke off");
  }));
