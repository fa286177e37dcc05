import assert from "node:assert/strict";
import { dataApi, deliverBody, newEventId, newStory, said } from "../support/stack.ts";
import { endOf, type Given, runCommand, spawnCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";

/** The command against the running stack, with its keys by the environment. */
function events({ args = [], env = {} }: Given) {
  const { API_URL, SECRET_KEY } = stackEnv();
  const project = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY };
  return runCommand("events", { args, env: { ...project, ...env } });
}

function replay(id: string, body: string) {
  const { WEBHOOK_URL, CLERK_WEBHOOK_SECRET } = stackEnv();
  return runCommand("replay", {
    args: ["--file", "-", "--id", id],
    env: { WEBHOOK_URL, CLERK_WEBHOOK_SECRET },
    stdin: body,
  });
}

Deno.test("a rejected event is listed with its field, and a replay by its id closes it", async () => {
  const id = newEventId();
  const event = newStory()("user.created");
  const broken = { ...event, data: { ...event.data, email_addresses: 7 } };
  assert.equal(said(await deliverBody(JSON.stringify(broken), id)), "422 rejected");
  const args = ["--clerk-id", String(event.data.id)];

  const open = await events({ args });
  assert.equal(open.code, 1);
  assert.ok(open.stdout.includes(`npm run replay -- --file body.json --id ${id}`));
  assert.match(open.stdout, /data\.email_addresses/);

  const replayed = await replay(id, JSON.stringify(event));
  assert.equal(replayed.code, 0);
  assert.match(replayed.stdout, /200 {2}applied/);

  const closed = await events({ args });
  assert.deepEqual([closed.code, closed.stdout], [0, "no such event\n"]);
  const all = await events({ args: [...args, "--all", "--json"] });
  const { events: [listed], open: count } = JSON.parse(all.stdout);
  assert.deepEqual([listed.event_id, listed.outcome, listed.attempts, count], [
    id,
    "applied",
    2,
    0,
  ]);
});

Deno.test("an event is closed by its id, once, and is open no more", async () => {
  const id = newEventId();
  assert.equal(said(await deliverBody('{"type":"user.created","data":{}}', id)), "422 rejected");
  const openOf = async () => {
    const args = ["--outcome", "failed,rejected", "--json", "--limit", "500"];
    const { stdout } = await events({ args });
    return JSON.parse(stdout).events.map(({ event_id }: { event_id: string }) => event_id);
  };
  assert.ok((await openOf()).includes(id));

  const closed = await events({ args: ["--close", id] });
  assert.equal(closed.code, 0);
  assert.match(closed.stdout, new RegExp(`^${id} {2}closed: `));
  assert.ok(!(await openOf()).includes(id));

  const again = await events({ args: ["--close", id, "--close", "msg_nobody", "--json"] });
  assert.equal(again.code, 1);
  assert.deepEqual(JSON.parse(again.stdout), {
    closings: [{ event_id: id, result: "not_open" }, { event_id: "msg_nobody", result: "unknown" }],
  });
});

Deno.test("without a filter what is open is told once for each cause, with exit code 1", async () => {
  const field = `data.${crypto.randomUUID().slice(0, 8)}`;
  const args = {
    p_outcome: "rejected",
    p_event_type: "user.created",
    p_error_code: "invalid_body",
  };
  for (const id of [newEventId(), newEventId()]) {
    const { error } = await dataApi("SECRET_KEY")
      .rpc("record_event", { ...args, p_event_id: id, p_error: field });
    assert.equal(error, null);
  }
  const listed = await events({ args: ["--limit", "500"] });
  assert.equal(listed.code, 1);
  assert.equal(listed.stdout.match(new RegExp(`2 × rejected: ${field} `, "g"))?.length, 1);
  const { causes } = JSON.parse((await events({ args: ["--json", "--limit", "500"] })).stdout);
  const [cause] = causes.filter(({ error }: { error: string }) => error === field);
  assert.deepEqual([cause.events, cause.not_again, cause.event_types], [2, 2, {
    "user.created": 2,
  }]);
  assert.match(cause.meaning, /not what Clerk sends/);
});

Deno.test("types and outcomes narrow the list", async () => {
  const story = newStory();
  const created = story("user.created");
  await deliverBody(JSON.stringify(created));
  await deliverBody(JSON.stringify(story("user.updated")));
  const args = ["--all", "--json", "--clerk-id", String(created.data.id)];
  const typesOf = async (...more: string[]) => {
    const { stdout } = await events({ args: [...args, ...more] });
    return JSON.parse(stdout).events.map(({ event_type }: { event_type: string }) => event_type);
  };
  assert.deepEqual(await typesOf(), ["user.updated", "user.created"]);
  assert.deepEqual(await typesOf("--type", "user.created"), ["user.created"]);
});

Deno.test("a project that can't be told anything is exit code 2, without the key", async () => {
  const { API_URL, PUBLISHABLE_KEY } = stackEnv();
  for (const args of [[], ["--close", "msg_1"]]) {
    const nobody = await events({ args, env: { SUPABASE_URL: "http://127.0.0.1:1" } });
    assert.deepEqual([nobody.code, nobody.stdout], [2, ""]);
    assert.match(nobody.stderr, /unreachable/);
  }
  const wrongKey = { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: PUBLISHABLE_KEY };
  assert.match((await events({ env: wrongKey })).stderr, /publishable key/);
  const unknown = await events({ env: { SUPABASE_SECRET_KEY: "sb_secret_hidden" } });
  assert.equal(unknown.code, 2);
  assert.ok(!(unknown.stdout + unknown.stderr).includes("hidden"));
});

Deno.test("Ctrl-C does not wait for a project that hangs, and is exit code 130", async () => {
  using hanging = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = hanging.addr as Deno.NetAddr;
  const env = { SUPABASE_URL: `http://127.0.0.1:${port}`, SUPABASE_SECRET_KEY: "sb_secret_x" };
  const child = spawnCommand("events", { env });
  using _ = await hanging.accept();
  child.kill("SIGINT");
  const { code, stdout } = await endOf(child);
  assert.deepEqual([code, stdout], [130, ""]);
});
