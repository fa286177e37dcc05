import fc from "fast-check";
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { type Command, histories } from "../../scripts/converge/clerk/commands.ts";
import { simulate } from "../../scripts/converge/clerk/simulator.ts";
import type { ClerkEvent } from "../../scripts/converge/clerk/world.ts";
import { divergence } from "../../scripts/converge/judge.ts";
import { deliveries, schedules, work } from "../../scripts/converge/schedule.ts";
import { type Send, sendInProcess, sendOverHttp } from "./send.ts";
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

/** The plan of an organization that is new ends while another begins. */
const PLAN_CHANGE: Command[] = [
  { ...FOUNDING, creator: null },
  setItem(0, 1, "active", "item"),
  setItem(0, 1, "ended", "item"),
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

convergenceTest(
  "the four events of a sign-up, delivered at once in all 24 orders, end in the model's state",
  async ({ owner }) => {
    const send = sendOverHttp();
    for (const order of ordersOf([0, 1, 2, 3])) {
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

convergenceTest(
  "sixteen workers on few users, organizations and slugs meet no deadlock and no unique violation",
  async ({ owner, service }) => {
    const errors: string[] = [];
    const send = sendInProcess(service, (code) => errors.push(code));
    await contest(owner, send, 12);
    assert.deepEqual(errors, [], "SQLSTATEs of calls that had to be repeated");
  },
);

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

function ordersOf(items: number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) =>
    ordersOf(items.filter((item) => item !== first)).map((rest) => [first, ...rest])
  );
}
