import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import type { Command } from "../../scripts/converge/clerk/commands.ts";
import { type History, simulate } from "../../scripts/converge/clerk/simulator.ts";
import type { ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import { FactBook } from "../../scripts/converge/rules/facts.ts";
import { work } from "../../scripts/converge/schedule.ts";
import { ordersOf, pageSizes } from "./orders.ts";
import { sendAsPage, sendInProcess } from "./send.ts";
import {
  ANSWER,
  assertTables,
  convergenceTest,
  FOUNDING,
  INVITATION,
  newTag,
  NOW,
  PROFILE,
  rolledBack,
  setItem,
  story,
} from "./support.ts";

/** More would only be in each other's way. */
const PARTS_AT_ONCE = 6;

/**
 * Two users, an organization with its creator's membership, and a second one that is made, changed and deleted. The
 * deletion leaves out whose it is: the harder case.
 */
const STORY: Command[] = [
  { do: "create_user", ...NOW, profile: PROFILE, announced: "all" },
  { do: "create_user", ...NOW, profile: { ...PROFILE, name: 1 }, announced: "all" },
  FOUNDING,
  { do: "add_member", ...NOW, organization: 0, user: 1, role: 1 },
  { do: "change_role", ...NOW, membership: 1, role: 0 },
  { do: "remove_member", ...NOW, membership: 1, namesUser: false },
];

/** Somebody signs in, is banned and unbanned, signs in again, and is deleted. */
const SIGN_INS: Command[] = [
  { do: "create_user", ...NOW, profile: PROFILE, announced: "all" },
  { do: "start_session", ...NOW, user: 0, actor: 0 },
  { do: "update_user", ...NOW, user: 0, profile: { ...PROFILE, banned: true } },
  { do: "update_user", ...NOW, user: 0, profile: PROFILE },
  { do: "start_session", ...NOW, user: 0, actor: null },
  { do: "delete_user", ...NOW, user: 0, cascades: true },
];

/** A plan ends while another one begins, beside the one that costs nothing: told by items, by subscriptions, and by both. */
const PLANS: Command[] = [
  { ...FOUNDING, creator: null },
  setItem(0, 0, "active", "both"),
  setItem(1, 4, "active", "subscription"),
  setItem(0, 3, "canceled", "item"),
  setItem(2, 2, "past_due", "subscription"),
];

/** An invitation is accepted, and revoked after all; another one is revoked. Only the membership makes a member. */
const INVITATIONS: Command[] = [
  { do: "create_user", ...NOW, profile: PROFILE, announced: "none" },
  { ...FOUNDING, creator: null, announced: "none" },
  INVITATION,
  { ...ANSWER, invitation: 0, user: 0 },
  { ...ANSWER, invitation: 0, user: null },
  INVITATION,
  { ...ANSWER, invitation: 0, user: null },
];

const STORIES: [what: string, story: Command[], orders: number][] = [
  ["all 5,040 orders of a story of seven events lead to one state", STORY, 5_040],
  ["all 720 orders of a story of sign-ins lead to one state", SIGN_INS, 720],
  ["all 720 orders of a story of plans lead to one state", PLANS, 720],
  ["all 720 orders of a story of invitations lead to one state", INVITATIONS, 720],
];

for (const [what, story, expected] of STORIES) {
  convergenceTest(what, async ({ service }) => {
    const { events: { length } } = simulate(story, newTag());
    let orders = 0;
    await work(beginnings(length), PARTS_AT_ONCE, async ([first, second]) => {
      const history = simulate(story, newTag());
      await rolledBack(service, async (sql) => {
        const begun = [history.events[first]!, history.events[second]!];
        await sendInProcess(sql)(begun[0]!);
        const told = await deliverAllOrders(sql, history, begun);
        orders += told;
      });
    });
    assert.equal(orders, expected);
  });
}

for (const [what, story, expected] of STORIES) {
  convergenceTest(`${what}, in pages`, async ({ service }) => {
    const { events: { length } } = simulate(story, newTag());
    const sizes = pageSizes();
    let orders = 0;
    // One at a time, for a page takes everything alone until its transaction ends.
    for (const [first, second] of beginnings(length)) {
      const history = simulate(story, newTag());
      await rolledBack(service, async (sql) => {
        const begun = [history.events[first]!, history.events[second]!];
        orders += await deliverAllPages({ sql, history, delivered: [], page: begun, sizes });
      });
    }
    assert.equal(orders, expected);
  });
}

/** The first two of every order. Each is gone on from in ids and a transaction of its own. */
function beginnings(length: number): [number, number][] {
  const all = Array.from({ length }, (_, index) => index);
  return all.flatMap((first) =>
    all.filter((second) => second !== first).map((second): [number, number] => [first, second])
  );
}

/**
 * Delivers the last event of an order that begins so, checks the state, goes on with each of those that remain, and takes
 * the delivery back: orders that begin alike share their beginning. Returns how many orders there were.
 */
async function deliverAllOrders(
  sql: TransactionSql,
  history: History,
  delivered: ClerkEvent[],
): Promise<number> {
  const name = `step_${delivered.length}`;
  await sql.unsafe(`savepoint ${name}`);
  const said = await sendInProcess(sql)(delivered.at(-1)!);
  assert.match(said, /^200 (applied|stale)$/, story(delivered));
  await assertTables(sql, history.world, delivered, new FactBook(delivered));

  const rest = history.events.filter((event) => !delivered.includes(event));
  let orders = rest.length === 0 ? 1 : 0;
  for (const next of rest) orders += await deliverAllOrders(sql, history, [...delivered, next]);
  await sql.unsafe(`rollback to savepoint ${name}`);
  return orders;
}

/**
 * The same in pages: delivers one page, checks the state, and goes on with each page of a drawn size that can be made of those
 * that remain.
 */
async function deliverAllPages(
  { sql, history, delivered, page, sizes }: {
    sql: TransactionSql;
    history: History;
    delivered: ClerkEvent[];
    page: ClerkEvent[];
    sizes: (atMost: number) => number;
  },
): Promise<number> {
  const name = `step_${delivered.length}`;
  await sql.unsafe(`savepoint ${name}`);
  const all = [...delivered, ...page];
  for (const said of await sendAsPage(sql)(page)) {
    assert.match(said, /^200 (applied|stale)$/, `${story(delivered)} as a page ${story(page)}`);
  }
  await assertTables(sql, history.world, all, new FactBook(all));

  const rest = history.events.filter((event) => !all.includes(event));
  let orders = rest.length === 0 ? 1 : 0;
  const pages = rest.length === 0 ? [] : ordersOf(rest, sizes(rest.length));
  for (const next of pages) {
    orders += await deliverAllPages({ sql, history, delivered: all, page: next, sizes });
  }
  await sql.unsafe(`rollback to savepoint ${name}`);
  return orders;
}
