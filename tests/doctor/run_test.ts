import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { UsageError } from "../../scripts/command/usage_error.ts";
import {
  type Check,
  type Context,
  failure,
  type Finding,
  ok,
  warning,
} from "../../scripts/doctor/check.ts";
import { CHECKS } from "../../scripts/doctor/checks.ts";
import { formatResult, run } from "../../scripts/doctor/run.ts";
import { resolveTarget } from "../../scripts/doctor/target.ts";

function check(id: string, needs: string[], end: () => Promise<Finding> | Finding): Check {
  return { id, title: `the ${id}`, needs, run: end };
}

async function levels(checks: Check[], signal = new AbortController().signal) {
  const context = { target: { schema: "public" } } as Context;
  const results = await run({ checks, context, checkTimeoutMs: 50, signal, onResult: () => {} });
  return results.map(({ id, level, detail }) => `${id} ${level} ${detail}`);
}

Deno.test("what needs a failed check is skipped, and says which", async () => {
  const checks = [
    check("a", [], () => failure("no", "mend")),
    check("b", ["a"], () => ok("yes")),
    check("c", ["b"], () => ok("yes")),
    check("d", [], () => ok("yes")),
  ];
  assert.deepEqual(await levels(checks), [
    "a failure no",
    "b skipped needs the a",
    "c skipped needs the b",
    "d ok yes",
  ]);
});

Deno.test("a warning stands in nobody's way", async () => {
  const checks = [check("a", [], () => warning("so", "mend")), check("b", ["a"], () => ok("yes"))];
  assert.deepEqual(await levels(checks), ["a warning so", "b ok yes"]);
});

Deno.test("a check that does not end, and one that throws, are failures that quote nothing", async () => {
  const checks = [
    check("a", [], () => new Promise(() => {})),
    check("b", [], () => Promise.reject(new TypeError("sb_secret_hidden"))),
  ];
  assert.deepEqual(await levels(checks), [
    "a failure no end within 0.05 s",
    "b failure could not be told (TypeError)",
  ]);
});

Deno.test("Ctrl-C ends the run at once, whatever is under way", async () => {
  const interruption = new AbortController();
  const checks = [
    check("a", [], () => ok("yes")),
    check("b", [], () => {
      interruption.abort();
      return new Promise(() => {});
    }),
    check("c", [], () => ok("yes")),
  ];
  assert.deepEqual(await levels(checks, interruption.signal), ["a ok yes"]);
});

Deno.test("every check is there once, after those that it needs", () => {
  const ids = CHECKS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [index, { id, needs }] of CHECKS.entries()) {
    assert.ok(needs.every((need) => ids.slice(0, index).includes(need)), id);
  }
});

Deno.test("what is longer goes on below itself, within the terminal's width", () => {
  const words = "many words ".repeat(20);
  const result = { id: "a", title: "clock", ...warning(words, words) };
  const text = formatResult(result, { isTerminal: true, isColored: true, width: 80 });
  const lines = stripVTControlCharacters(text).split("\n");
  assert.equal(lines.length, 10);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.ok(lines.slice(1).every((line) => line.startsWith(" ".repeat(30))));
});

Deno.test("a terminal gets marks and a file gets words, with the remedy below", () => {
  const result = { id: "a", title: "clock", ...failure("late\x1b[2J", "set it") };
  const style = { isTerminal: true, isColored: false, width: 80 };
  assert.match(formatResult(result, style), /^✘ clock +late\?\[2J\n +→ set it$/);
  const plain = formatResult(result, { ...style, isTerminal: false });
  assert.match(plain, /^failure {2}clock +late/);
});

const STACK = {
  API_URL: "http://127.0.0.1:54321",
  WEBHOOK_URL: "http://127.0.0.1:54321/functions/v1/clerk-webhook",
  CLERK_WEBHOOK_SECRET: "whsec_stack",
  SECRET_KEY: "sb_secret_stack",
  PUBLISHABLE_KEY: "sb_publishable_stack",
};

interface Places {
  url?: string;
  webhookUrl?: string;
  env?: Record<string, string>;
  stack?: Record<string, string>;
  functionEnv?: Record<string, string>;
}

function resolve({ url, webhookUrl, env = {}, stack = {}, functionEnv = {} }: Places) {
  return resolveTarget({
    options: { url, webhookUrl },
    env,
    stack: { path: ".stack/env", values: stack },
    functionEnv: { path: "supabase/functions/.env", values: functionEnv },
  });
}

const HOSTED = "https://x.supabase.co";
const IN_FILE = { CLERK_SECRET_KEY: "sk_test_file" };

const TARGETS: [what: string, places: Places, target: object][] = [
  ["the local stack brings all that it wrote down", { stack: STACK, functionEnv: IN_FILE }, {
    webhookUrl: STACK.WEBHOOK_URL,
    secretKey: { text: "sb_secret_stack", source: ".stack/env" },
    webhookSecret: { text: "whsec_stack", source: ".stack/env" },
    publishableKey: "sb_publishable_stack",
    clerkKey: "sk_test_file",
  }],
  ["a hosted project has the webhook of its own address and keys of the environment", {
    url: HOSTED,
    env: { SUPABASE_SERVICE_ROLE_KEY: "key", CLERK_WEBHOOK_SIGNING_SECRET: "whsec_x" },
    stack: STACK,
  }, {
    webhookUrl: `${HOSTED}/functions/v1/clerk-webhook`,
    secretKey: { text: "key", source: "SUPABASE_SERVICE_ROLE_KEY" },
    webhookSecret: { text: "whsec_x", source: "CLERK_WEBHOOK_SIGNING_SECRET" },
  }],
  [
    "none of the stack's keys goes to another project",
    { env: { SUPABASE_URL: HOSTED }, stack: STACK, functionEnv: IN_FILE },
    { secretKey: null, publishableKey: null, webhookSecret: null, clerkKey: null },
  ],
  [
    "a webhook elsewhere is not signed with the stack's secret, nor is the stack its project",
    { webhookUrl: "https://x.test/hook", stack: STACK },
    { projectUrl: null, webhookSecret: null },
  ],
  [
    "an empty variable does not hide the file's",
    { stack: STACK, env: { CLERK_SECRET_KEY: "" }, functionEnv: IN_FILE },
    { clerkKey: "sk_test_file" },
  ],
];
for (const [what, places, target] of TARGETS) {
  Deno.test(what, () => assert.partialDeepStrictEqual(resolve(places), target));
}

Deno.test("a key of the environment without a project is refused", () => {
  const env = { SUPABASE_SECRET_KEY: "sb_secret_hosted" };
  assert.throws(() => resolve({ env, stack: STACK }), UsageError);
});

Deno.test("with nothing to examine it says what to do", () => {
  assert.throws(() => resolve({}), /npm start/);
});
