/** The command itself: what it prints, and its exit codes. */
import assert from "node:assert/strict";
import { KIND_NAMES } from "../../scripts/clerk/kinds.ts";
import { generatedInstance } from "../clerk_api/generated_instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { endOf, spawnCommand } from "../support/run_command.ts";
import { backfill, envFor, type Ground, groundTest, liveFor, reportIn } from "./ground.ts";
import { registersOf, rowsOf } from "./tables.ts";
import { slugTooLong } from "./worlds.ts";

const SIZES = { users: 30, organizations: 5, memberships: 40, subscriptions: 7, invitations: 6 };

groundTest("npm run backfill", async (ground, step) => {
  await step("prints a table of what it did, and exits with 0", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const { code, stdout, stderr } = await backfill(envFor(ground, server));
    assert.equal(code, 0);
    assert.match(stdout, /^ +read +applied +unchanged +rejected +seconds +rows\/s\n/);
    assert.match(stdout, /\nusers +30 +30 +0 +0 /);
    assert.match(stdout, /\nmemberships +40 +40 +0 +0 /);
    assert.match(stdout, /\nsubscriptions +7 +7 +0 +0 /);
    assert.match(stdout, /\ninvitations +6 +6 +0 +0 /);
    assert.match(stdout, /\n\ncomplete in \d+ s\n\d+ requests to Clerk, \d+ calls of the project/);
    assert.match(stderr, /^Into 127\.0\.0\.1:\d+, with the key of SUPABASE_SECRET_KEY\n/);
    assert.ok(stderr.includes(`Clerk's instance is ${server.instanceId}\n`));
    assert.match(stderr, /\nusers +30 of 30 /);
  });

  await step("with --json stdout is one object", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const report = reportIn(await backfill(envFor(ground, server), ["--json", "--dry-run"]));
    assert.equal(report.outcome, "complete");
    assert.deepEqual([report.is_dry_run, report.is_resumed], [true, false]);
    assert.equal(report.instance_id, server.instanceId);
    const { total, read, applied, unchanged } = report.users;
    assert.deepEqual([total, read, applied, unchanged], [30, 30, 30, 0]);
    assert.ok(report.peak_memory_mb > 10);
  });

  await step("a malformed key and another instance's exit with 2", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const env = envFor(ground, server);
    const malformed = await backfill({ ...env, CLERK_SECRET_KEY: "pk_test_hidden" });
    assert.equal(malformed.code, 2);
    assert.match(malformed.stderr, /CLERK_SECRET_KEY is malformed/);
    assert.deepEqual(server.requests, []);
    const other = await backfill({ ...env, CLERK_INSTANCE_ID: "ins_other" });
    assert.deepEqual([other.code, other.stdout], [2, ""]);
    assert.match(other.stderr, /ins_other/);
  });

  await step("a wrong key, and a Clerk that is not there, exit with 1 and a word", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const wrong = await backfill({ ...envFor(ground, server), CLERK_SECRET_KEY: "sk_test_hidden" });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /failed after \d+ s: wrong_clerk_key\. Clerk does not know/);
    assert.doesNotMatch(wrong.stdout + wrong.stderr, /hidden/);
  });

  await step("a project that does not know the key exits with 1 and a word", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const env = envFor(ground, server);
    const wrong = await backfill({ ...env, SUPABASE_SECRET_KEY: "sb_secret_hidden" }, ["--json"]);
    assert.deepEqual([wrong.code, reportIn(wrong).error], [1, "wrong_project_key"]);
    const elsewhere = await backfill({ ...env, SUPABASE_URL: server.url }, ["--json"]);
    assert.deepEqual([elsewhere.code, reportIn(elsewhere).error], [1, "project_unavailable"]);
    assert.doesNotMatch(wrong.stdout + wrong.stderr + elsewhere.stderr, /hidden|sb_secret_/);
  });

  await step("an object that PostgreSQL can't store exits with 1, and is named", async () => {
    const instance = new WorldInstance();
    const id = instance.addOrganization({ slug: slugTooLong() });
    await using server = startClerkApi({ instance });
    const { code, stdout, stderr } = await backfill(envFor(ground, server));
    assert.equal(code, 1);
    assert.match(
      stdout,
      new RegExp(`refuses, by its error code:\n {2}organizations {2}${id} {2}54000`),
    );
    assert.ok(stderr.includes(`organizations: the database refuses "${id}" (54000)`));
  });
});

const ROWS = {
  users: 200,
  organizations: 40,
  memberships: 400,
  subscriptions: 90,
  invitations: 60,
};
const ARGS = ["--json", "--page-size", "10", "--rate", "10000"];
const SEEDS = [1, 2, 3];

groundTest("backfill: killed at any moment and started again", async (ground, step) => {
  for (const seed of SEEDS) {
    await step(`ends as an undisturbed run does, seed ${seed}`, async () => {
      await using server = startClerkApi({ instance: generatedInstance({ ...ROWS, seed }) });
      const env = envFor(ground, server);
      assert.equal((await backfill(env, ARGS)).code, 0);
      const { length: whole } = server.requests;
      const expected = await contents(ground);
      await ground.empty();

      let kills = 0;
      // It never comes to its end without going on with what was done before.
      const live = () => liveFor(whole, [0.2, 0.45], server, "backfill", { env, args: ARGS });
      let ended = await live();
      for (; ended.code !== 0; ended = await live()) {
        assert.equal(ended.code, 137, ended.stderr);
        assert.ok(++kills < 100, "it never comes to its end");
      }
      assert.ok(kills > 0 && reportIn(ended).is_resumed);
      assert.deepEqual(await contents(ground), expected, `after ${kills} kills`);
    });
  }

  await step("Ctrl-C ends it after its page with 130, and the next start goes on", async () => {
    await using server = startClerkApi({ instance: generatedInstance(ROWS) });
    server.faults.always({ kind: "slow", ms: 20 });
    const env = envFor(ground, server);
    const child = spawnCommand("backfill", { env, args: ARGS });
    while (await userCount(ground) < 50) await new Promise((wake) => setTimeout(wake, 10));
    child.kill("SIGINT");
    const ended = await endOf(child);
    assert.equal(ended.code, 130);
    const { outcome, users } = reportIn(ended);
    assert.equal(outcome, "interrupted");
    assert.ok(users.read < ROWS.users, `${users.read} users were read`);
    assert.equal(users.read, await userCount(ground));
    server.faults.clear();
    const report = reportIn(await backfill(env, ARGS));
    assert.deepEqual([report.outcome, report.is_resumed], ["complete", true]);
    assert.deepEqual(
      KIND_NAMES.map((name) => report[name].read),
      Object.values(ROWS),
    );
  });
});

async function userCount({ sql }: Ground): Promise<number> {
  const [row] = await sql`select count(*)::int as users from public.users`;
  return row?.users;
}

async function contents(ground: Ground): Promise<unknown[]> {
  return [await rowsOf(ground), await registersOf(ground)];
}
