/** More deletions than --max-deletes are asked for, or not made. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { askYes, type Deletes, type MaxDeletes } from "../../scripts/drift/deletes.ts";
import { type Ground, groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { livingIds } from "../backfill/tables.ts";
import { crowd, oldInstance } from "../backfill/worlds.ts";
import { type ClerkApiServer, startClerkApi } from "../clerk_api/server.ts";
import { check, repair } from "./ground.ts";

/** What a repair takes for a yes. */
async function answerTo(given: string | null): Promise<boolean> {
  const input = new PassThrough();
  const interruption = new AbortController();
  const asked: string[] = [];
  const answer = askYes("Delete them here?", {
    input,
    write: (text) => void asked.push(text),
    signal: interruption.signal,
  });
  assert.deepEqual(asked, ["Delete them here? (yes/no) "]);
  if (given === null) interruption.abort();
  else input.end(given);
  return await answer;
}

for (const given of ["yes\n", " YES \r\n", "yes"]) {
  Deno.test(`drift: ${JSON.stringify(given)} is yes`, async () => {
    assert.equal(await answerTo(given), true);
  });
}

for (const given of ["no\n", "y\n", "\n", "\nyes\n", "", null]) {
  Deno.test(`drift: ${given === null ? "Ctrl-C" : JSON.stringify(given)} is no`, async () => {
    assert.equal(await answerTo(given), false);
  });
}

const rows = (value: number): MaxDeletes => ({ value, isPercent: false });
const percent = (value: number): MaxDeletes => ({ value, isPercent: true });

/** Forty users, of whom Clerk has lost two, who were members nowhere. */
async function losing(ground: Ground): Promise<ClerkApiServer> {
  const instance = crowd(38, oldInstance());
  const [first, second] = [instance.addUser(), instance.addUser()];
  const server = startClerkApi({ instance });
  await runBackfill(ground, server, { limit: 100 });
  instance.deleteUser(first);
  instance.deleteUser(second);
  // Something to write as well.
  await ground.sql`update public.organizations set name = 'X'`;
  return server;
}

async function livingUsers(ground: Ground): Promise<number> {
  return (await livingIds(ground)).filter((id) => id.startsWith("user_")).length;
}

groundTest("drift: --max-deletes", async (ground, step) => {
  const CASES: [string, MaxDeletes, allowed: number][] = [
    ["one row", rows(1), 1],
    ["two rows", rows(2), 2],
    ["no row", rows(0), 0],
    ["1 %", percent(1), 0],
    ["4.9 %", percent(4.9), 1],
    ["5 %", percent(5), 2],
    ["100 %", percent(100), 40],
  ];
  for (const [name, maxDeletes, allowed] of CASES) {
    await step(`${name} of 40: ${allowed < 2 ? "two are too many" : "two end"}`, async () => {
      await using server = await losing(ground);
      const report = await repair(ground, server, {}, { maxDeletes, confirm: null });
      const isMade = allowed >= 2;
      assert.equal(await livingUsers(ground), isMade ? 38 : 40);
      assert.deepEqual(
        [report.outcome, report.exit_code],
        isMade ? ["repaired", 0] : ["drift", 1],
      );
      const withheld = { name: "users", wanted: 2, here: 40, allowed };
      assert.deepEqual(report.withheld, isMade ? [] : [withheld]);
      // What is written is not held back.
      assert.equal(report.organizations?.repaired, 8);
    });
  }

  await step("counts the memberships that end with their user or organization", async () => {
    await using server = await synced(ground, crowd(40, oldInstance()));
    server.instance.deleteUser(server.instance.world.users[20]!.id);
    const removal = { maxDeletes: rows(2), confirm: null };
    const { withheld, memberships, users } = await repair(ground, server, {}, removal);
    assert.deepEqual([users?.extra, memberships?.extra, memberships?.with_parent], [1, 0, 3]);
    const here = server.instance.world.memberships.length;
    assert.deepEqual(withheld, [
      { name: "users", wanted: 1, here: 40, allowed: 2 },
      { name: "memberships", wanted: 3, here, allowed: 2 },
    ]);
    assert.equal(await livingUsers(ground), 40);
  });

  await step("too many of one kind keep those of the others", async () => {
    await using server = await losing(ground);
    await ground
      .sql`insert into public.organizations (external_id, name) values ('org_ghost', 'G')`;
    const removal = { maxDeletes: rows(1), confirm: null };
    const report = await repair(ground, server, {}, removal);
    assert.deepEqual(report.withheld.map(({ name }) => name), ["users", "organizations"]);
    assert.ok((await livingIds(ground)).includes("org_ghost"));
  });

  for (const answer of [true, false]) {
    await step(`more is asked for once: ${answer ? "yes deletes" : "no does not"}`, async () => {
      await using server = await losing(ground);
      const asked: Deletes[][] = [];
      const confirm = (deletes: Deletes[]) => Promise.resolve(asked.push(deletes) > 0 && answer);
      const report = await repair(ground, server, {}, { maxDeletes: percent(1), confirm });
      assert.deepEqual(asked, [[{ name: "users", wanted: 2, here: 40, allowed: 0 }]]);
      assert.equal(await livingUsers(ground), answer ? 38 : 40);
      assert.equal(report.exit_code, answer ? 0 : 1);
    });
  }

  await step("what is allowed is not asked for", async () => {
    await using server = await losing(ground);
    const confirm = () => Promise.reject(new Error("asked"));
    const report = await repair(ground, server, {}, { maxDeletes: rows(2), confirm });
    assert.equal(report.outcome, "repaired");
    assert.equal((await check(ground, server)).outcome, "in_sync");
  });
});
