import assert from "node:assert/strict";
import { STORY_TYPES } from "../../scripts/simulate/samples.ts";
import { commandLine, type Given, runCommand } from "../support/run_command.ts";
import { SECRET, startReceiver } from "./receiver.ts";

/** Runs the command, which never shows the secret. */
async function simulate(given: Given) {
  const ended = await runCommand("simulate", given);
  assert.ok(!(ended.stdout + ended.stderr).includes(SECRET.slice("whsec_".length)));
  return ended;
}

function envFor(url: string) {
  return { WEBHOOK_URL: url, CLERK_WEBHOOK_SECRET: SECRET };
}

Deno.test("by default the twelve events are delivered, one line each, and the exit code is 0; once more, too", async () => {
  await using receiver = startReceiver();
  await simulate({ env: envFor(receiver.url) });
  const { code, stdout, stderr } = await simulate({ env: envFor(receiver.url) });
  assert.equal(code, 0);
  const lines = stdout.split("\n");
  assert.deepEqual(lines.slice(0, 12).map((line) => line.split(" ")[0]), STORY_TYPES);
  assert.ok(lines.slice(0, 12).every((line) => / 200 {2}applied .* ms {2}msg_/.test(line)));
  assert.match(stdout, /\n12 deliveries in .*\n {2}200 {2}applied +12\n.*\n {2}seed \w{12}\n$/);
  assert.match(
    stderr,
    /^Sending to 127\.0\.0\.1:\d+, signed with the secret of CLERK_WEBHOOK_SECRET\n$/,
  );
});

Deno.test("with --json stdout is one object a line, the summary last", async () => {
  await using receiver = startReceiver();
  const args = ["--json", "--type", "user.created", "--duplicates", "1"];
  const { stdout } = await simulate({ args, env: envFor(receiver.url) });
  const objects = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(objects.map(({ type }) => type), ["delivery", "delivery", "summary"]);
  assert.deepEqual(objects.map(({ outcome }) => outcome), ["applied", "duplicate", undefined]);
  assert.equal(objects[0].event_id, objects[1].event_id);
});

Deno.test("any answer but 2xx makes the exit code 1 and shows its word", async () => {
  await using receiver = startReceiver((_, seenBefore) =>
    seenBefore === 0
      ? Response.json({ outcome: "applied" })
      : Response.json({ error: "unavailable" }, { status: 503 })
  );
  const args = ["--type", "user.created", "--duplicates", "1"];
  const { code, stdout } = await simulate({ args, env: envFor(receiver.url) });
  assert.equal(code, 1);
  assert.match(stdout, /503 {2}unavailable/);
});

Deno.test("the local stack's file names URL and secret", async () => {
  await using receiver = startReceiver();
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${dir}/env`,
      `WEBHOOK_URL=${receiver.url}\nCLERK_WEBHOOK_SECRET="${SECRET}"\n`,
    );
    const { code } = await simulate({ args: ["--data-dir", dir] });
    assert.equal(code, 0);
    assert.equal(receiver.received.length, 12);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

const ENV = envFor("http://127.0.0.1:1/");
const WRONG: [what: string, given: Given, said: RegExp][] = [
  ["neither stack nor settings", { args: ["--data-dir", "/no"] }, /^No URL .*npm start.*\n$/],
  [
    "a malformed secret",
    { env: { ...ENV, CLERK_WEBHOOK_SECRET: "whsec_hidden_x" } },
    /^((?!hidden).)*malformed((?!hidden).)*\n$/,
  ],
  ["a file that is not there", { args: ["--file", "/no"], env: ENV }, /^--file cannot be read/],
];
for (const [what, given, said] of WRONG) {
  Deno.test(`${what}: exit code 2, and the error alone`, async () => {
    const { code, stdout, stderr } = await simulate(given);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, said);
  });
}

Deno.test("a refused connection is one line and a hint, no stack trace", async () => {
  const receiver = startReceiver();
  await receiver[Symbol.asyncDispose]();
  const { code, stdout, stderr } = await simulate({ env: envFor(receiver.url) });
  assert.equal(code, 1);
  assert.match(stdout, /^user\.created +--- {2}connection_refused .*\n$/);
  assert.match(stderr, /\nNothing answers at 127\.0\.0\.1:\d+\..*\n$/);
});

Deno.test("a body from a file or from stdin arrives byte for byte", async () => {
  await using receiver = startReceiver();
  const broken = '{ "type": "user.created",\r\n "data": {"id": "Zoë"';
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, broken);
    await simulate({ args: ["--file", file], env: envFor(receiver.url) });
  } finally {
    await Deno.remove(file);
  }
  await simulate({ args: ["--file", "-"], stdin: broken, env: envFor(receiver.url) });
  assert.deepEqual(receiver.received.map(({ body }) => body), [broken, broken]);
});

Deno.test("CLERK_INSTANCE_ID becomes the events' instance", async () => {
  await using receiver = startReceiver();
  const env = { ...envFor(receiver.url), CLERK_INSTANCE_ID: "ins_mine" };
  await simulate({ args: ["--type", "user.created"], env });
  assert.equal(JSON.parse(receiver.received[0]?.body ?? "").instance_id, "ins_mine");
});

Deno.test({
  name: "Ctrl-C ends the run with the summary so far and exit code 130",
  ignore: Deno.build.os === "windows",
  async fn() {
    const reached = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    await using receiver = startReceiver(async () => {
      if (receiver.received.length === 3) {
        reached.resolve();
        await ended.promise;
      }
      return Response.json({ outcome: "applied" });
    });
    await using child = new Deno.Command(Deno.execPath(), {
      args: commandLine("simulate"),
      env: envFor(receiver.url),
      stdout: "piped",
    }).spawn();
    await Promise.race([reached.promise, child.status]);
    child.kill("SIGINT");
    const { code, stdout } = await child.output();
    ended.resolve();
    assert.equal(code, 130);
    assert.match(new TextDecoder().decode(stdout), /\n2 of 12 deliveries .* interrupted\n/);
  },
});
