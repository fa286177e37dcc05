import assert from "node:assert/strict";
import { STORY_TYPES } from "../../scripts/simulate/samples.ts";
import { startClerkApi } from "../clerk_api/server.ts";
import { WorldInstance } from "../clerk_api/world_instance.ts";
import { databaseTest, deliver, newStory } from "../support/stack.ts";
import { runCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";

/** The doctor on the running stack, by the environment alone. */
async function examine(env: Record<string, string> = {}, ...args: string[]) {
  const { API_URL, SECRET_KEY, PUBLISHABLE_KEY, CLERK_WEBHOOK_SECRET } = stackEnv();
  const all = {
    SUPABASE_URL: API_URL,
    SUPABASE_SECRET_KEY: SECRET_KEY,
    SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
    CLERK_WEBHOOK_SECRET,
    ...env,
  };
  const { code, stdout, stderr } = await runCommand("doctor", {
    args: ["--json", "--timeout", "5", ...args],
    env: all,
  });
  const secrets = [CLERK_WEBHOOK_SECRET, all.CLERK_WEBHOOK_SECRET].map((text) => text.slice(6));
  for (const secret of [...secrets, SECRET_KEY, PUBLISHABLE_KEY, all.SUPABASE_SECRET_KEY]) {
    assert.ok(!(stdout + stderr).includes(secret), "a secret is shown");
  }
  const checks: Record<"id" | "level" | "detail", string>[] = JSON.parse(stdout).checks;
  const levelOf = (id: string) => checks.find((check) => check.id === id)?.level;
  const detailOf = (id: string) => checks.find((check) => check.id === id)?.detail ?? "";
  const failures = checks.filter(({ level }) => level === "failure").map(({ id }) => id);
  return { code, levelOf, detailOf, failures };
}

/** Something else in the place of the function. */
function serve(answer: (request: Request) => Response | Promise<Response>) {
  const end = new AbortController();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", signal: end.signal, onListen() {} },
    answer,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/functions/v1/clerk-webhook`,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await server.finished;
    },
  };
}

Deno.test("a stack that is well has no failure, and the exit code is 0", async () => {
  const story = newStory();
  for (const type of STORY_TYPES) await deliver(story(type));
  const { code, failures, levelOf } = await examine();
  assert.deepEqual([code, failures], [0, []]);
  const fine = ["signed-accepted", "ledger", "migrations", "rpcs", "row-level-security"];
  for (const id of [...fine, "anonymous", "private-schema", "arriving", "event-types"]) {
    assert.equal(levelOf(id), "ok", id);
  }
});

databaseTest("events of another instance in the ledger are warned of", async (sql) => {
  await sql`
    select public.record_event('msg_other_instance', 'ignored', 'user.created', p_object_id => 'user_other',
      p_error_code => 'other_instance')
  `;
  const { code, levelOf, detailOf } = await examine();
  assert.deepEqual([code, levelOf("instance")], [0, "warning"]);
  assert.match(detailOf("instance"), /^1 ignored of late, .*another instance's/);
  await sql`delete from clerk_sync.events where event_id = 'msg_other_instance'`;
});

Deno.test("people get a line a check and the sum, in words when it is no terminal", async () => {
  const { API_URL, SECRET_KEY, CLERK_WEBHOOK_SECRET } = stackEnv();
  const env = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY, CLERK_WEBHOOK_SECRET };
  const { code, stdout } = await runCommand("doctor", { env });
  assert.equal(code, 0);
  assert.match(stdout, /^ok {7}webhook URL {2,}http at 127/);
  assert.match(
    stdout,
    /\nskipped {2}anonymous access refused {2,}SUPABASE_PUBLISHABLE_KEY is not set\n/,
  );
  assert.match(stdout, /\n\n\d+ ok, \d+ warnings, 0 failures, \d+ skipped\n$/);
});

databaseTest(
  "the doctor's own event is one row of the ledger, however often it comes",
  async (sql) => {
    await examine();
    await examine();
    const rows = await sql`select outcome from clerk_sync.events where event_type = 'doctor.ping'`;
    assert.deepEqual(rows.map(({ outcome }) => outcome), ["ignored"]);
  },
);

Deno.test("another secret than the function's is a failure, and what needs it is skipped", async () => {
  const { code, failures, levelOf } = await examine({
    CLERK_WEBHOOK_SECRET: `whsec_${btoa("another secret than the stack's")}`,
  });
  assert.deepEqual([code, failures], [1, ["signed-accepted"]]);
  assert.equal(levelOf("ledger"), "skipped");
});

Deno.test("a key that is none of the project's is a failure", async () => {
  const { failures } = await examine({ SUPABASE_SECRET_KEY: "sb_secret_of_another_project" });
  assert.deepEqual(failures, ["api-key"]);
});

Deno.test("nothing at the address is a failure, and the project is examined all the same", async () => {
  const { code, failures, levelOf } = await examine({ WEBHOOK_URL: "http://127.0.0.1:1/x" });
  assert.deepEqual([code, failures], [1, ["reachable"]]);
  assert.equal(levelOf("signed-accepted"), "skipped");
  assert.equal(levelOf("schema"), "ok");
});

Deno.test("a function that takes what nobody signed is a failure", async () => {
  await using open = serve(({ method }) =>
    method === "POST"
      ? Response.json({ outcome: "ignored" })
      : Response.json({ error: "method_not_allowed" }, { status: 405 })
  );
  const { failures } = await examine({ WEBHOOK_URL: open.url });
  // Its events are not in the ledger either.
  assert.deepEqual(failures, ["unsigned-refused", "wrong-signature", "ledger"]);
});

Deno.test("a server that never answers is given up", async () => {
  await using hanging = serve(() => new Promise(() => {}));
  const { failures, detailOf } = await examine({ WEBHOOK_URL: hanging.url }, "--timeout", "1");
  assert.deepEqual(failures, ["reachable"]);
  assert.match(detailOf("reachable"), /does not answer in time/);
});

databaseTest("row level security that was switched off is a failure", async (sql) => {
  await sql`alter table public.user_sessions disable row level security`;
  try {
    const { code, failures, detailOf } = await examine();
    assert.deepEqual([code, failures], [1, ["row-level-security"]]);
    assert.equal(detailOf("row-level-security"), "off on public.user_sessions");
  } finally {
    await sql`alter table public.user_sessions enable row level security`;
  }
});

databaseTest("grants that were given by mistake are failures", async (sql) => {
  await sql`grant execute on function public.sync_row_counts() to anon`;
  await sql`grant insert on public.users to authenticated`;
  try {
    const { failures, detailOf } = await examine();
    assert.deepEqual(failures, ["rpcs", "row-level-security", "anonymous"]);
    assert.equal(detailOf("anonymous"), "anybody calls sync_row_counts");
    assert.match(detailOf("row-level-security"), /authenticated may insert on public\.users/);
  } finally {
    await sql`revoke execute on function public.sync_row_counts() from anon`;
    await sql`revoke insert on public.users from authenticated`;
  }
});

databaseTest("a migration and a column that are missing are failures", async (sql) => {
  const [newest] = await sql`
    delete from supabase_migrations.schema_migrations where version = '20261124002800' returning *
  `;
  await sql`alter table public.users rename column avatar_url to picture_url`;
  try {
    const { failures, detailOf } = await examine();
    // The comparison reads that column too.
    assert.deepEqual(failures, ["migrations", "rpcs-answer", "schema"]);
    assert.match(detailOf("migrations"), /1 of \d+ are missing, the first is 20261124002800/);
  } finally {
    await sql`alter table public.users rename column picture_url to avatar_url`;
    await sql`insert into supabase_migrations.schema_migrations ${sql(newest!)}`;
  }
});

Deno.test("Clerk's key is asked whose it is", async () => {
  const instance = new WorldInstance(undefined, { id: "ins_doctor" });
  await using clerk = startClerkApi({ instance });
  const given = { CLERK_API_URL: clerk.url, CLERK_SECRET_KEY: clerk.secretKey };
  const other = await examine({ ...given, CLERK_INSTANCE_ID: "ins_other" });
  assert.deepEqual(other.failures, ["clerk-key"]);
  const wrong = await examine({ ...given, CLERK_SECRET_KEY: "sk_test_wrong" });
  assert.equal(wrong.detailOf("clerk-key"), "Clerk refuses CLERK_SECRET_KEY");
});

Deno.test("wrong usage and nothing to examine are exit code 2", async () => {
  assert.equal((await runCommand("doctor", { args: ["--secret", "x"] })).code, 2);
  const nothing = await runCommand("doctor", { args: ["--data-dir", "/nonexistent"] });
  assert.deepEqual([nothing.code, nothing.stdout], [2, ""]);
});
