import assert from "node:assert/strict";
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
  const env = { CLERK_WEBHOOK_SECRET: `whsec_${btoa("another secret than the stack's")}` };
  const { code, stdout, stderr } = await replay({ env, stdin: '{"type":"a"}' });
  assert.equal(code, 1);
  assert.match(stdout, /401 {2}invalid_signature .*\n {2}the function has another signing secret/);
  assert.ok(!(stdout + stderr).includes(env.CLERK_WEBHOOK_SECRET.slice(6)));
});

Deno.test("wrong usage is exit code 2", async () => {
  for (const args of [[], ["--file", "/nonexistent"], ["--file", "-", "--id", "a b"]]) {
    const { code, stderr } = await replay({ args, stdin: '{"type":"a"}' });
    assert.deepEqual([code, stderr.startsWith("--")], [2, true], args.join(" "));
  }
});
