import assert from "node:assert/strict";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { MOST_BODIES, readBodies } from "../../scripts/replay.ts";
import { startFunction } from "../support/function_process.ts";
import { newStory } from "../support/stack.ts";
import { type Given, runCommand } from "../support/run_command.ts";
import { stackEnv } from "../support/stack_env.ts";

function replay(given: Given) {
  const { WEBHOOK_URL, CLERK_WEBHOOK_SECRET } = stackEnv();
  return runCommand("replay", {
    args: ["--file", "-"],
    ...given,
    env: { WEBHOOK_URL, CLERK_WEBHOOK_SECRET, ...given.env },
  });
}

Deno.test("replayed twice a body is a duplicate, and an older snapshot is stale and harmless", async () => {
  const story = newStory();
  const [created, updated] = [story("user.created"), story("user.updated")];
  const body = JSON.stringify(updated);
  assert.match((await replay({ stdin: body })).stdout, /200 {2}applied/);
  assert.match((await replay({ stdin: body })).stdout, /200 {2}duplicate/);
  const older = await replay({ stdin: JSON.stringify(created) });
  assert.equal(older.code, 0);
  assert.match(older.stdout, /200 {2}stale .*\n {2}a newer state.* is already here: harmless/);
});

Deno.test("several bodies are several deliveries, with an outcome each", async () => {
  const story = newStory();
  const bodies = [story("user.created"), { type: "email.created", data: {} }];
  const { code, stdout } = await replay({
    args: ["--file", "-", "--json"],
    stdin: bodies.map((body) => JSON.stringify(body)).join("\n"),
  });
  assert.equal(code, 0);
  const outcomes = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).outcome);
  assert.deepEqual(outcomes, ["applied", "ignored"]);
});

Deno.test("without an id it is said that an open event stays open", async () => {
  const { stderr } = await replay({ stdin: '{"type":"email.created","data":{}}' });
  assert.match(stderr, /Without --id .* stays open/);
});

Deno.test("an answer that is not 2xx is exit code 1 and a hint", async () => {
  // A function of its own: the stack's may be over its limit of failures from here.
  await using served = await startFunction("clerk-webhook", {
    CLERK_WEBHOOK_SECRET: `whsec_${btoa("the secret of the function")}`,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_of_nobody" }),
  });
  const env = {
    WEBHOOK_URL: served.url,
    CLERK_WEBHOOK_SECRET: `whsec_${btoa("another secret than that")}`,
  };
  const { code, stdout, stderr } = await replay({ env, stdin: '{"type":"a"}' });
  assert.equal(code, 1);
  assert.match(stdout, /401 {2}invalid_signature .*\n {2}the function has another signing secret/);
  assert.ok(!(stdout + stderr).includes(env.CLERK_WEBHOOK_SECRET.slice(6)));
});

Deno.test("a file that can't be read is wrong usage", async () => {
  const { code, stderr } = await replay({ args: ["--file", "/nonexistent"] });
  assert.deepEqual([code, stderr.startsWith("--file cannot be read: ")], [2, true]);
});

const BODY = '{ "type": "user.created",\n  "data": {"id": "user_1"} }';

Deno.test("one body goes out as it is, under the id that is given", () => {
  assert.deepEqual(readBodies(BODY, "msg_1"), [{ id: "msg_1", type: "user.created", body: BODY }]);
});

Deno.test("without an id it is made from the body, whatever its white space", () => {
  const [first] = readBodies(BODY, null);
  const [second] = readBodies(JSON.stringify(JSON.parse(BODY)), null);
  const [other] = readBodies('{"type":"user.created","data":{"id":"user_2"}}', null);
  assert.match(first!.id, /^msg_replay_[0-9a-f]{32}$/);
  assert.equal(first!.id, second!.id);
  assert.notEqual(first!.id, other!.id);
});

Deno.test("an array and a body a line are the same events", () => {
  const bodies = ['{"type":"a","data":{}}', '{"type":"b","data":{}}'];
  const fromArray = readBodies(`[${bodies.join()}]`, null);
  assert.deepEqual(fromArray.map(({ type }) => type), ["a", "b"]);
  assert.deepEqual(readBodies(`${bodies.join("\r\n")}\n\n`, null), fromArray);
});

for (
  const [what, text, id] of [
    ["nothing", "", null],
    ["an empty array", "[]", null],
    ["what is not JSON", "user.created", null],
    ["a line that is not JSON", '{"type":"a"}\n{"type"', null],
    ["data without a type", '{"id":"user_1"}', null],
    ["a string", '"user.created"', null],
    ["one id for two bodies", '[{"type":"a"},{"type":"b"}]', "msg_1"],
    ["too many bodies", '{"type":"a"}\n'.repeat(MOST_BODIES + 1), null],
  ] as const
) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(() => readBodies(text, id), UsageError);
  });
}
