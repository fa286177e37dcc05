/** The command itself: what it prints, and its exit codes. */
import assert from "node:assert/strict";
import { generatedInstance } from "../clerk_api/generated_instance.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { backfill as run, envFor, reportIn } from "./command.ts";
import { groundTest } from "./ground.ts";

const SIZES = { users: 30, organizations: 5, memberships: 40 };

groundTest("npm run backfill", async (ground, step) => {
  await step("prints a table of what it did, and exits with 0", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const { code, stdout, stderr } = await run(envFor(ground, server));
    assert.equal(code, 0);
    assert.match(stdout, /^ +read +applied +unchanged +rejected +seconds +rows\/s\n/);
    assert.match(stdout, /\nusers +30 +30 +0 +0 /);
    assert.match(stdout, /\nmemberships +40 +40 +0 +0 /);
    assert.match(stdout, /\n\ncomplete in \d+ s\n\d+ requests to Clerk, \d+ calls of the project/);
    assert.match(stderr, /^Into 127\.0\.0\.1:\d+, with the key of SUPABASE_SECRET_KEY\n/);
    assert.ok(stderr.includes(`Clerk's instance is ${server.instanceId}\n`));
    assert.match(stderr, /\nusers +30 of 30 /);
  });

  await step("with --json stdout is one object", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const report = reportIn(await run(envFor(ground, server), ["--json", "--dry-run"]));
    assert.equal(report.outcome, "complete");
    assert.deepEqual([report.is_dry_run, report.is_resumed], [true, false]);
    assert.equal(report.instance_id, server.instanceId);
    const { total, read, applied, unchanged } = report.users;
    assert.deepEqual([total, read, applied, unchanged], [30, 30, 30, 0]);
    assert.ok(report.peak_memory_mb > 10);
  });

  await step(
    "no key, a malformed one and another instance's exit with 2, before any request",
    async () => {
      await using server = startClerkApi({ instance: generatedInstance(SIZES) });
      const env = envFor(ground, server);
      const malformed = await run({ ...env, CLERK_SECRET_KEY: "pk_test_hidden" });
      assert.equal(malformed.code, 2);
      assert.match(malformed.stderr, /CLERK_SECRET_KEY is malformed/);
      assert.deepEqual(server.requests, []);
      const other = await run({ ...env, CLERK_INSTANCE_ID: "ins_other" });
      assert.deepEqual([other.code, other.stdout], [2, ""]);
      assert.match(other.stderr, /ins_other/);
    },
  );

  await step("a wrong key, and a Clerk that is not there, exit with 1 and a word", async () => {
    await using server = startClerkApi({ instance: generatedInstance(SIZES) });
    const wrong = await run({ ...envFor(ground, server), CLERK_SECRET_KEY: "sk_test_hidden" });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /failed after \d+ s: wrong_clerk_key\. Clerk does not know/);
    assert.doesNotMatch(wrong.stdout + wrong.stderr, /hidden/);
  });

  await step(
    "a project that does not know the key, or has no Data API, exits with 1 and a word",
    async () => {
      await using server = startClerkApi({ instance: generatedInstance(SIZES) });
      const env = envFor(ground, server);
      const wrong = await run({ ...env, SUPABASE_SECRET_KEY: "sb_secret_hidden" }, ["--json"]);
      assert.deepEqual([wrong.code, reportIn(wrong).error], [1, "wrong_project_key"]);
      const elsewhere = await run({ ...env, SUPABASE_URL: server.url }, ["--json"]);
      assert.deepEqual([elsewhere.code, reportIn(elsewhere).error], [1, "project_unavailable"]);
      assert.doesNotMatch(wrong.stdout + wrong.stderr + elsewhere.stderr, /hidden|sb_secret_/);
    },
  );

  await step("an object that PostgreSQL can't store exits with 1, and is named", async () => {
    const instance = new WorldInstance();
    const letters = Array.from({ length: 400 }, () => crypto.randomUUID()).join("");
    const id = instance.addOrganization({ slug: letters });
    await using server = startClerkApi({ instance });
    const { code, stdout, stderr } = await run(envFor(ground, server));
    assert.equal(code, 1);
    assert.match(
      stdout,
      new RegExp(`refuses, by its error code:\n {2}organizations {2}${id} {2}54000`),
    );
    assert.ok(stderr.includes(`organizations: the database refuses "${id}" (54000)`));
  });
});
