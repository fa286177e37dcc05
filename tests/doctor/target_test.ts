import assert from "node:assert/strict";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { resolveTarget } from "../../scripts/doctor/target.ts";

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

Deno.test("the local stack brings all that it wrote down", () => {
  const target = resolve({ stack: STACK, functionEnv: { CLERK_SECRET_KEY: "sk_test_file" } });
  assert.equal(target.webhookUrl, STACK.WEBHOOK_URL);
  assert.deepEqual(target.secretKey, { text: "sb_secret_stack", source: ".stack/env" });
  assert.deepEqual(target.webhookSecret, { text: "whsec_stack", source: ".stack/env" });
  assert.equal(target.publishableKey, "sb_publishable_stack");
  assert.equal(target.clerkKey, "sk_test_file");
});

Deno.test("a hosted project has the webhook of its own address and keys of the environment", () => {
  const env = { SUPABASE_SERVICE_ROLE_KEY: "key", CLERK_WEBHOOK_SIGNING_SECRET: "whsec_x" };
  const target = resolve({ url: "https://x.supabase.co", env, stack: STACK });
  assert.equal(target.webhookUrl, "https://x.supabase.co/functions/v1/clerk-webhook");
  assert.deepEqual(target.secretKey, { text: "key", source: "SUPABASE_SERVICE_ROLE_KEY" });
  assert.equal(target.webhookSecret?.source, "CLERK_WEBHOOK_SIGNING_SECRET");
});

Deno.test("none of the stack's keys goes to another project", () => {
  const { secretKey, publishableKey, webhookSecret, clerkKey } = resolve({
    env: { SUPABASE_URL: "https://x.supabase.co" },
    stack: STACK,
    functionEnv: { CLERK_SECRET_KEY: "sk_test_file" },
  });
  assert.deepEqual({ secretKey, publishableKey, webhookSecret, clerkKey }, {
    secretKey: null,
    publishableKey: null,
    webhookSecret: null,
    clerkKey: null,
  });
});

Deno.test("a webhook elsewhere is not signed with the stack's secret, nor is the stack its project", () => {
  const target = resolve({ webhookUrl: "https://x.test/hook", stack: STACK });
  assert.equal(target.projectUrl, null);
  assert.equal(target.webhookSecret, null);
});

Deno.test("a key of the environment without a project is refused", () => {
  const env = { SUPABASE_SECRET_KEY: "sb_secret_hosted" };
  assert.throws(() => resolve({ env, stack: STACK }), UsageError);
});

Deno.test("with nothing to examine it says what to do", () => {
  assert.throws(() => resolve({}), /npm start/);
});

Deno.test("an empty variable does not hide the file's", () => {
  const functionEnv = { CLERK_SECRET_KEY: "sk_test_file" };
  const target = resolve({ stack: STACK, env: { CLERK_SECRET_KEY: "" }, functionEnv });
  assert.equal(target.clerkKey, "sk_test_file");
});
