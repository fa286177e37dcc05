/** The command itself: what it prints, and its exit codes. */
import assert from "node:assert/strict";
import { envFor, groundTest, runBackfill, synced } from "../backfill/ground.ts";
import { crowd, oldInstance, smallWorld } from "../backfill/worlds.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { endOf, spawnCommand } from "../support/run_command.ts";
import { drift, reportIn } from "./ground.ts";

groundTest("npm run drift", async (ground, step) => {
  await step("in sync: a table, and exit code 0", async () => {
    await using server = await synced(ground);
    const { code, stdout, stderr } = await drift(envFor(ground, server));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ +users +organizations +memberships +subscriptions +invitations\n/);
    assert.ok(stdout.split("\n").every((line) => line.length <= 80), stdout);
    for (
      const difference of ["missing", "stale", "different", "wrong role", "extra", "deleted here"]
    ) {
      assert.match(stdout, new RegExp(`\n${difference}( +0){5}\n`));
    }
    assert.match(stdout, /\ncompared +3 +2 +4 +0 +0\n\nin sync, after \d+ s\n\d+ requests/);
    assert.match(stderr, /^Checking 127\.0\.0\.1:\d+, with the key of SUPABASE_SECRET_KEY\n/);
    assert.ok(stderr.includes(`Clerk's instance is ${server.instanceId}\n`));
  });

  await step("drift: differences by id and field, no value, and exit code 1", async () => {
    await using server = await synced(ground);
    await ground.sql`update public.users set email = 'x@example.com'`;
    await ground.sql`select public.delete_org('org_navy')`;
    server.instance.deleteUser("user_linus");
    const { code, stdout } = await drift(envFor(ground, server));
    assert.equal(code, 1);
    assert.match(
      stdout,
      /\ndifferent +2 .*\n.*\nextra +1 .*\ndeleted here +0 +1 +0 +0 +0\ncompared +2 /,
    );
    assert.match(stdout, /\n {2}user +user_grace {2}different {5}email\n/);
    assert.match(stdout, /\n {2}user +user_linus {2}extra\n/);
    assert.match(stdout, /\n {2}organization {2}org_navy {4}deleted here {2}slug, deleted_at\n/);
    assert.match(
      stdout,
      /\ndrift, after \d+ s: 4 differences\nWhat was deleted here stays deleted/,
    );
    assert.match(stdout, /\nTo repair it: npm run drift -- --repair\n/);
    assert.doesNotMatch(stdout, /example\.com/);
  });

  await step("--repair: what was repaired, and exit code 0", async () => {
    await using server = await synced(ground);
    server.instance.changeUser("user_ada", { username: "ada" });
    server.instance.removeMembership("orgmem_navy");
    const args = ["--repair", "--max-deletes", "1"];
    const { code, stdout } = await drift(envFor(ground, server), args);
    assert.equal(code, 0);
    assert.match(stdout, /\nrepaired +1 +0 +1 +0 +0\ncompared /);
    assert.match(stdout, /\n {2}user +user_ada +stale +username {2}repaired\n/);
    assert.match(stdout, /\n {2}membership +orgmem_navy +extra +repaired\n/);
    assert.match(stdout, /\nrepaired in \d+ s: 2 differences, 1 of them by a deletion\n/);
    assert.equal((await drift(envFor(ground, server))).code, 0);
  });

  await step("--repair with too many deletions: which flag allows them", async () => {
    await using server = await synced(ground);
    server.instance.deleteUser("user_grace");
    const { code, stdout } = await drift(envFor(ground, server), ["--repair"]);
    assert.equal(code, 1);
    assert.ok(stdout.includes(
      "Nothing was deleted, for it would be more than --max-deletes allows:\n" +
        "  users: 1 of 3, allowed 0\n  memberships: 2 of 4, allowed 0\n" +
        "If Clerk is right, allow it: npm run drift -- --repair --max-deletes 2\n",
    ));
    const args = ["--repair", "--max-deletes", "2"];
    assert.equal((await drift(envFor(ground, server), args)).code, 0);
  });

  await step("--list shows every difference, else the first twenty", async () => {
    await using server = startClerkApi({ instance: crowd(30, oldInstance()) });
    const shown = ({ stdout }: { stdout: string }) => stdout.match(/ {2}missing$/gm)?.length;
    const env = envFor(ground, server);
    const first = await drift(env, ["--only", "users"]);
    assert.deepEqual([shown(first), first.code], [20, 1]);
    assert.match(first.stdout, /\n {2}and 10 more; --list shows all\n/);
    assert.doesNotMatch(first.stdout, /memberships/);
    assert.equal(shown(await drift(env, ["--only", "users", "--list"])), 30);
    const { differences, differences_left_out } = reportIn(
      await drift(env, ["--only", "users", "--json"]),
    );
    assert.deepEqual([differences.length, differences_left_out], [20, 10]);
  });

  await step("--json: one object on stdout", async () => {
    await using server = await synced(ground);
    server.instance.changeMembership("orgmem_engines", { role: "org:admin" });
    const ended = await drift(envFor(ground, server), ["--json", "--only", "memberships,users"]);
    const { started_at, seconds, clerk_requests, project_calls, peak_memory_mb, ...report } =
      reportIn(ended);
    assert.ok(Date.parse(started_at) > 0 && seconds >= 0 && peak_memory_mb > 10);
    assert.ok(clerk_requests > 3 && project_calls > 5);
    const nothing = { missing: 0, stale: 0, different: 0, role: 0, extra: 0, deleted: 0 };
    const fate = { repaired: 0, removed: 0, with_parent: 0, left: 0 };
    const users = { is_enabled: true, ...nothing, ...fate, compared: 3, here: 3 };
    assert.deepEqual(report, {
      outcome: "drift",
      error: null,
      message: null,
      exit_code: 1,
      instance_id: server.instanceId,
      project: new URL(ground.env.API_URL).host,
      is_repair: false,
      users,
      organizations: null,
      memberships: { ...users, stale: 1, compared: 4, here: 4, left: 1 },
      subscriptions: null,
      invitations: null,
      differences: [{
        object: "membership",
        id: "orgmem_engines",
        kind: "stale",
        fields: ["role", "clerk_role"],
        is_repaired: false,
        is_example: false,
        code: null,
      }],
      differences_left_out: 0,
      withheld: [],
      retries: 0,
    });
    assert.equal(ended.code, 1);
  });

  await step("could not tell: exit code 2 and a word, on stdout too with --json", async () => {
    await using server = startClerkApi({ instance: smallWorld() });
    await using other = startClerkApi({ instance: smallWorld(), secretKey: "sk_test_other" });
    await runBackfill(ground, server);
    const env = envFor(ground, server);
    const wrong = await drift({ ...env, CLERK_SECRET_KEY: "sk_test_hidden" });
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.stdout,
      /^could not tell, after \d+ s: wrong_clerk_key\. Clerk does not know/,
    );
    const args = ["--json"];
    const elsewhere = await drift({ ...env, CLERK_INSTANCE_ID: "ins_other" }, args);
    assert.deepEqual([elsewhere.code, reportIn(elsewhere).error], [2, "other_instance"]);
    const key = await drift({ ...env, SUPABASE_SECRET_KEY: "sb_secret_hidden" }, args);
    assert.deepEqual([key.code, reportIn(key).error], [2, "wrong_project_key"]);
    const noProject = await drift({ ...env, SUPABASE_URL: other.url }, args);
    assert.deepEqual([noProject.code, reportIn(noProject).error], [2, "project_unavailable"]);
    const said = [wrong, elsewhere, key, noProject].map(({ stdout, stderr }) => stdout + stderr);
    assert.doesNotMatch(said.join(), /hidden|sb_secret_|sk_test_/);
  });

  await step("Ctrl-C: exit code 130, kept as interrupted, nothing deleted", async () => {
    await using server = await synced(ground, crowd(60, oldInstance()));
    server.instance.deleteUser(server.instance.world.users[3]!.id);
    server.faults.always({ kind: "slow", ms: 30 }, (path) => path.endsWith("memberships"));
    const args = "--json --repair --max-deletes 100% --page-size 5 --rate 10000".split(" ");
    server.requests.length = 0;
    const child = spawnCommand("drift", { env: envFor(ground, server), args });
    while (!server.requests.some((path) => path.includes("organization_memberships"))) {
      await new Promise((wake) => setTimeout(wake, 10));
    }
    child.kill("SIGINT");
    const ended = await endOf(child);
    const report = reportIn(ended);
    assert.deepEqual([ended.code, report.outcome, report.users?.extra], [130, "interrupted", 1]);
    const [row] = await ground.sql`
      select
        (select count(*)::int from public.users where deleted_at is not null) as deleted,
        public.sync_status() -> 'last_drift_check' -> 'state' ->> 'outcome' as outcome
    `;
    assert.deepEqual({ ...row }, { deleted: 0, outcome: "interrupted" });
  });
});
