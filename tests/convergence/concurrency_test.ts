import fc from "fast-check";
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { type Command, histories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import type { ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import { divergence } from "../../scripts/converge/judge.ts";
import { deliveries, schedules, work } from "../../scripts/converge/schedule.ts";
import { ordersOf } from "./orders.ts";
import { type Send, sendAsPage, sendInProcess, sendMixed, sendOverHttp } from "./send.ts";
import {
  convergenceTest,
  FOUNDING,
  newTag,
  NOW,
  PROFILE,
  runs,
  serverLogDuring,
  setItem,
} from "./support.ts";

/** A first sign-up that creates an organization: four events of one click. */
const SIGN_UP: Command[] = [
  { do: "create_user", ...NOW, profile: PROFILE, announced: "all" },
  FOUNDING,
  { do: "start_session", ...NOW, user: 0, actor: null },
];

/** Two plans of an organization that is new begin together: the newer item counts. */
const PLAN_CHANGE: Command[] = [
  { ...FOUNDING, creator: null },
  setItem(0, 1, "active", "item"),
  setItem(0, 1, "past_due", "item"),
  setItem(1, 0, "active", "both"),
];

convergenceTest(
  "every event of a sign-up, delivered twenty times at once, is applied once and nineteen times a duplicate",
  async () => {
    const send = sendOverHttp();
    for (const event of simulate(SIGN_UP, newTag()).events) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => send(event)));
      const duplicates = Array<string>(19).fill("200 duplicate");
      assert.deepEqual(answers.sort(), ["200 applied", ...duplicates]);
    }
  },
);

for (const pages of [1, 2]) {
  convergenceTest(
    `an event that is told twenty times in ${
      pages === 1 ? "one page" : "two pages at once"
    } is applied once and nineteen times a duplicate`,
    async ({ service }) => {
      const sendPage = sendAsPage(service);
      for (const event of simulate(SIGN_UP, newTag()).events) {
        const page = Array<ClerkEvent>(20 / pages).fill(event);
        const answers = (await Promise.all(Array(pages).fill(page).map(sendPage))).flat();
        const duplicates = Array<string>(19).fill("200 duplicate");
        assert.deepEqual(answers.sort(), ["200 applied", ...duplicates]);
      }
    },
  );
}

convergenceTest(
  "the four events of a sign-up, delivered at once in all 24 orders, end in the model's state",
  async ({ owner }) => {
    const send = sendOverHttp();
    for (const order of ordersOf([0, 1, 2, 3], 4)) {
      const { events, world } = simulate(SIGN_UP, newTag());
      assert.equal(events.length, 4);
      await deliverAtOnce(order.map((index) => events[index]!), send);
      assert.deepEqual(await divergence(owner, world, events), []);
    }
  },
);

convergenceTest(
  "memberships of one pair that end and begin at once leave the newest one",
  async ({ owner, service }) => {
    const send = sendInProcess(service);
    const comings: Command[] = Array.from({ length: 3 }, () =>
      [
        { do: "remove_member", ...NOW, membership: 0, namesUser: true },
        { do: "rejoin", ...NOW, membership: 7, role: 1 },
      ] satisfies Command[]).flat();
    for (let round = 0; round < 60; round++) {
      const { events, world } = simulate([...SIGN_UP, ...comings], newTag());
      await deliverAtOnce(events, send);
      assert.deepEqual(await divergence(owner, world, events), []);
    }
  },
);

for (
  const [what, isThereFirst] of [["that is there", true], ["with its first event", false]] as const
) {
  convergenceTest(
    `subscription items of an organization, at once, end in one plan: ${what}`,
    async ({ owner, service }) => {
      const send = sendInProcess(service);
      for (let round = 0; round < 60; round++) {
        const { events, world } = simulate(PLAN_CHANGE, newTag());
        const first = isThereFirst ? 1 : 0;
        await deliverAtOnce(events.slice(0, first), send);
        await deliverAtOnce(events.slice(first), send);
        assert.deepEqual(await divergence(owner, world, events), []);
      }
    },
  );
}

convergenceTest(
  "an owner of several organizations who appears while their slugs are swapped meets no deadlock",
  async ({ service }) => {
    const errors: string[] = [];
    const send = sendInProcess(service, (code) => errors.push(code));
    const commands: Command[] = [
      SIGN_UP[0]!,
      ...[0, 1, 2, 3, 4, 5].map((slug) => ({ ...FOUNDING, slug, announcesCreator: false })),
      ...[0, 1, 2, 3, 4].map((organization): Command => ({
        do: "swap_slugs",
        ...NOW,
        organization,
        other: organization + 1,
      })),
    ];
    for (let round = 0; round < 20; round++) {
      const { events } = simulate(commands, newTag());
      const isCreation = ({ type }: ClerkEvent) => type === "organization.created";
      for (const event of events.filter(isCreation)) await send(event);
      await Promise.all(events.filter((event) => !isCreation(event)).map(send));
    }
    assert.deepEqual(errors, [], "SQLSTATEs of calls that had to be repeated");
  },
);

async function deliverAtOnce(events: ClerkEvent[], send: Send): Promise<void> {
  for (const said of await Promise.all(events.map(send))) {
    assert.match(said, /^200 (applied|stale)$/);
  }
}

/** Few users and organizations of whom much is told, with three slugs that all of them want. */
const CONTEST = { users: 4, organizations: 4, length: 150 };

for (const [way, sendBy] of [["by itself", sendInProcess], ["in pages too", sendMixed]] as const) {
  convergenceTest(
    `sixteen workers on few users, organizations and slugs, each event ${way}, meet no deadlock and no unique violation`,
    async ({ owner, service }) => {
      const errors: string[] = [];
      const send = sendBy(service, (code) => errors.push(code));
      await contest(owner, send, 12);
      assert.deepEqual(errors, [], "SQLSTATEs of calls that had to be repeated");
    },
  );
}

convergenceTest(
  "sixteen workers over HTTP leave no error in their answers and in PostgreSQL's log",
  async ({ owner }) => {
    const log = await serverLogDuring(owner, () => contest(owner, sendOverHttp(), 2));
    assert.doesNotMatch(log ?? "", /ERROR|FATAL|PANIC|deadlock|duplicate key/);
  },
);

/** Delivers shuffled histories by sixteen workers each, and checks every answer and the state at the end. */
async function contest(owner: Sql, send: Send, rounds: number): Promise<void> {
  const told = fc.tuple(histories(CONTEST), schedules());
  await fc.assert(
    fc.asyncProperty(told, async ([commands, schedule]) => {
      const { events, world } = simulate(commands, newTag());
      await work(deliveries(events, schedule), 16, async (event) => {
        assert.match(await send(event), /^200 (applied|stale|duplicate)$/);
      });
      assert.deepEqual(await divergence(owner, world, events), []);
    }),
    // What depends on timing does not shrink.
    { ...runs(rounds), endOnFailure: true },
  );
}

convergenceTest(
  "pages of events beside pages of a backfill and transactions of an app's end in the model's state, without a deadlock",
  async ({ owner, service }) => {
    const errors: string[] = [];
    const send = sendMixed(service, (code) => errors.push(code));
    for (let round = 0; round < 40; round++) {
      const { events, world } = simulate(MUCH_TOLD, newTag());
      const [users, organizations] = [world.users, world.organizations]
        .map((objects) => objects.map(({ id }) => id));
      const [answers] = await Promise.all([
        Promise.all(events.map(send)),
        backfill(service, users!, organizations!),
        changeTimezones(service, organizations!.toReversed()),
        ...users!.map((id) => holdUser(owner, id)),
      ]);
      for (const said of answers) assert.match(said, /^200 (applied|stale)$/);
      assert.deepEqual(await divergence(owner, world, events), []);
    }
    // What a page leaves to a call of its own is no error.
    assert.deepEqual(errors.filter((code) => code !== "55P03"), []);
  },
);

/** Two users who are changed, and two organizations. */
const MUCH_TOLD: Command[] = [
  SIGN_UP[0]!,
  { ...SIGN_UP[0], profile: { ...PROFILE, name: 1 } } as Command,
  FOUNDING,
  { ...FOUNDING, creator: 1, slug: 1 },
  { do: "add_member", ...NOW, organization: 0, user: 1, role: 1 },
  { do: "update_user", ...NOW, user: 0, profile: { ...PROFILE, banned: true } },
  { do: "update_user", ...NOW, user: 1, profile: PROFILE },
  { do: "change_role", ...NOW, membership: 2, role: 0 },
];

/** What a backfill read long ago, object by object in pages of all of them: older than every event. */
async function backfill(sql: Sql, users: string[], organizations: string[]): Promise<void> {
  const at = "1970-01-01T00:00:00Z";
  const old = (id: string) => ({ p_external_id: id, p_updated_at: at, p_event_at: at });
  await sql`select public.sync_upsert_users(${sql.json(users.map(old))})`;
  const named = organizations.map((id) => ({ ...old(id), p_name: "Old", p_with_owner: false }));
  await sql`select public.sync_upsert_orgs(${sql.json(named)})`;
}

/** A transaction of an app's that writes to several rows, in another order than events and pages do. */
async function changeTimezones(service: Sql, organizations: string[]): Promise<void> {
  await service.begin(async (sql) => {
    for (const id of organizations) {
      await sql`update public.organizations set timezone = 'UTC' where external_id = ${id}`;
    }
  });
}

/** A transaction of an app's that keeps somebody's row for as long as others take for several events. */
async function holdUser(owner: Sql, id: string): Promise<void> {
  await owner.begin(async (sql) => {
    await sql`select from public.users where external_id = ${id} for update`;
    await new Promise((wake) => setTimeout(wake, 20));
  });
}
