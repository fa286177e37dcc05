import assert from "node:assert/strict";
import simulate from "../../scripts/simulate.ts";
import { select } from "../../scripts/simulate/selection.ts";
import { resolveTarget, type TargetSources } from "../../scripts/simulate/target.ts";
import { SECRET } from "./receiver.ts";

const OTHER_SECRET = `whsec_${btoa("another secret of 24 byte")}`;
const LOCAL_URL = "http://127.0.0.1:54321/functions/v1/clerk-webhook";
const REMOTE_URL = "https://project.example.com/functions/v1/clerk-webhook";

function resolve({ option, env = {}, stack = {} }: {
  option?: Partial<TargetSources["options"]>;
  env?: TargetSources["env"];
  stack?: TargetSources["stack"]["values"];
}) {
  return resolveTarget({
    options: { url: undefined, secret: undefined, ...option },
    env,
    stack: { path: ".stack/env", values: stack },
  });
}

const STACK = { WEBHOOK_URL: LOCAL_URL, CLERK_WEBHOOK_SECRET: SECRET };

Deno.test("the local stack is the target when nothing else is named, by no empty variable either", () => {
  for (const env of [{}, { WEBHOOK_URL: "", CLERK_WEBHOOK_SECRET: "" }]) {
    const { url, secret, secretSource } = resolve({ env, stack: STACK });
    assert.deepEqual([url.href, secret, secretSource], [LOCAL_URL, SECRET, ".stack/env"]);
  }
});

Deno.test("the environment goes before the stack, the options before the environment", () => {
  const env = { WEBHOOK_URL: REMOTE_URL, CLERK_WEBHOOK_SECRET: OTHER_SECRET };
  assert.equal(resolve({ env, stack: STACK }).url.href, REMOTE_URL);
  assert.equal(resolve({ env, stack: STACK }).secret, OTHER_SECRET);
  const option = { url: "http://localhost:1/", secret: SECRET };
  assert.equal(resolve({ option, env, stack: STACK }).url.href, option.url);
  assert.equal(resolve({ option, env, stack: STACK }).secretSource, "--secret");
});

Deno.test("without a URL or a secret, the error says how to get one", () => {
  const message = /npm start[^]*--url and --secret/;
  assert.throws(() => resolve({}), message);
  assert.throws(() => resolve({ option: { url: LOCAL_URL } }), message);
  assert.throws(() => resolve({ option: { secret: SECRET } }), message);
});

Deno.test("of several secrets the first one signs", () => {
  for (const separator of [",", " ", ", ", "\n"]) {
    const env = { CLERK_WEBHOOK_SECRET: ` ${OTHER_SECRET}${separator}${SECRET}` };
    assert.equal(resolve({ env, stack: STACK }).secret, OTHER_SECRET);
  }
});

Deno.test("a secret that is malformed, or too short for the webhook, is refused and not shown", () => {
  const short = `whsec_${btoa("s".repeat(15))}`;
  for (const secret of ["whsec_your_webhook_secret_here", "whsec_", ",", "whsec_a", short]) {
    const problem = secret === short ? "has less than 16 bytes" : "is malformed";
    assert.throws(
      () => resolve({ env: { CLERK_WEBHOOK_SECRET: secret }, stack: STACK }),
      ({ name, message }: Error) =>
        name === "UsageError" && message.includes(`CLERK_WEBHOOK_SECRET ${problem}`) &&
        !/your_webhook|c3Nz/.test(message),
    );
  }
});

Deno.test("a URL that is not http is refused", () => {
  for (const url of ["file:///etc/hosts", "127.0.0.1:54321", "webhook"]) {
    assert.throws(() => resolve({ option: { url }, stack: STACK }), /not an http/);
  }
});

Deno.test("the local stack's secret signs for loopback only", () => {
  assert.throws(
    () => resolve({ option: { url: REMOTE_URL }, stack: STACK }),
    /not that of project\.example\.com/,
  );
  for (const url of ["http://localhost:8000/", "http://127.0.0.2/", "http://[::1]:8000/"]) {
    assert.equal(resolve({ option: { url }, stack: STACK }).secret, SECRET);
  }
});

/** What the arguments select. */
function selected(...argv: string[]) {
  return select(simulate.parse(argv));
}

Deno.test("without options the story is sent once, one at a time", () => {
  const once = { repeat: 1, duplicates: 0, concurrency: 1 };
  assert.partialDeepStrictEqual(simulate.parse([]), once);
  assert.deepEqual(selected(), { kind: "story" });
});

Deno.test("--type may be repeated and separated by commas, and keeps the order given", () => {
  assert.deepEqual(selected("--type", "user.deleted, user.created", "--type=session.ended"), {
    kind: "samples",
    types: ["user.deleted", "user.created", "session.ended"],
  });
});

Deno.test("with --data any type is taken, with --file the body as it is", () => {
  assert.deepEqual(selected("--type", "role.created", "--data", '{"id":"role_1"}'), {
    kind: "data",
    type: "role.created",
    data: { id: "role_1" },
  });
  assert.deepEqual(selected("--file", "-"), { kind: "file", path: "-" });
});

Deno.test("a million deliveries is the most, duplicates included", () => {
  const most = selected("--type=user.created", "--repeat=500000", "--duplicates=1");
  assert.deepEqual(most, { kind: "samples", types: ["user.created"] });
});

const REFUSED: [message: RegExp, ...argv: string[]][] = [
  [/user\.renamed[^]*organizationMembership\.created/, "--type", "user.renamed"],
  [/--type is empty/, "--type", ""],
  [/exactly one --type/, "--data", "{}"],
  [/exactly one --type/, "--data", "{}", "--type", "user.created,user.updated"],
  [/not JSON/, "--data", "{", "--type", "user.created"],
  ...["[]", "null", "1"].map((data): [RegExp, ...string[]] => [
    /not a JSON object/,
    "--type=user.created",
    `--data=${data}`,
  ]),
  [/whole body/, "--file", "a.json", "--type", "user.created"],
  [/whole body/, "--file", "a.json", "--data", "{}"],
  ...["0", "-1", "1.5", "", "1e3", "many"].map((text): [RegExp, ...string[]] => [
    /--repeat is a whole number from 1/,
    `--repeat=${text}`,
  ]),
  [/--concurrency is a whole number from 1 to 200/, "--concurrency=201"],
  [/1000008 deliveries; the most is 1000000/, "--repeat=41667", "--duplicates=1"],
  [/npm run simulate -- --type/, "user.created"],
];
for (const [message, ...argv] of REFUSED) {
  Deno.test(`simulate ${argv.join(" ")}: is wrong usage`, () => {
    assert.throws(() => selected(...argv), { name: "UsageError", message });
  });
}

Deno.test("no message holds what was typed as a secret", () => {
  for (const argv of [["whsec_hidden"], ["--secert=whsec_hidden"], ["--json=whsec_hidden"]]) {
    assert.throws(() => selected(...argv), (error: Error) => !error.message.includes("hidden"));
  }
});
