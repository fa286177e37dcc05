import assert from "node:assert/strict";
import { isOneOf, readLogLevel } from "../../supabase/functions/_clerk_sync/env.ts";
import { readConfig } from "../../supabase/functions/clerk-webhook/config.ts";
import { OTHER_SECRET, SECRET } from "../support/signed_request.ts";

const COMPLETE = {
  CLERK_WEBHOOK_SECRET: SECRET,
  SUPABASE_URL: "https://project.example.com",
  SUPABASE_SERVICE_ROLE_KEY: "the service role key",
};

type Variables = Record<string, string | undefined>;

function read(variables: Variables) {
  return readConfig((name) => variables[name]);
}

/** The configuration of a complete environment with these differences. Fails when there is a problem. */
function configOf(difference: Variables = {}) {
  const result = read({ ...COMPLETE, ...difference });
  return result.ok ? result.config : assert.fail(result.problems.join());
}

/** What is wrong with a complete environment with these differences. */
function problemsOf(difference: Variables): string[] {
  const result = read({ ...COMPLETE, ...difference });
  return result.ok ? [] : result.problems;
}

Deno.test("three variables are enough", () => {
  assert.deepEqual(configOf(), {
    webhookSecrets: [SECRET],
    supabaseUrl: "https://project.example.com",
    secretKey: "the service role key",
    secretKeys: { default: "the service role key" },
    instanceId: null,
    silentAfterHours: null,
    refusedAfterEvents: 3,
    rateLimits: { failuresPerMinute: 60, verifiedPerSecond: 500 },
  });
});

Deno.test("several secrets are separated by commas, spaces or lines", () => {
  for (const separator of [",", " ", ", ", "\n", " ,\t"]) {
    const list = `${SECRET}${separator}${OTHER_SECRET}`;
    assert.deepEqual(configOf({ CLERK_WEBHOOK_SECRET: list }).webhookSecrets, [
      SECRET,
      OTHER_SECRET,
    ]);
  }
});

Deno.test("commas and blanks around a secret are no secrets", () => {
  const { webhookSecrets } = configOf({ CLERK_WEBHOOK_SECRET: `\n, ${SECRET},, \r\n` });
  assert.deepEqual(webhookSecrets, [SECRET]);
});

Deno.test("Clerk's own name for the secret is read as well", () => {
  const own = { CLERK_WEBHOOK_SECRET: undefined, CLERK_WEBHOOK_SIGNING_SECRET: SECRET };
  assert.deepEqual(configOf(own).webhookSecrets, [SECRET]);
  const both = configOf({ CLERK_WEBHOOK_SIGNING_SECRET: OTHER_SECRET });
  assert.deepEqual(both.webhookSecrets, [SECRET, OTHER_SECRET]);
});

Deno.test("a secret without whsec_ is a secret", () => {
  const bare = SECRET.replace("whsec_", "");
  assert.deepEqual(configOf({ CLERK_WEBHOOK_SECRET: bare }).webhookSecrets, [bare]);
});

Deno.test("no secret at all is a problem", () => {
  for (const secret of [undefined, "", " ", ",", "\n"]) {
    assert.equal(problemsOf({ CLERK_WEBHOOK_SECRET: secret }).length, 1, JSON.stringify(secret));
  }
});

Deno.test("a secret that is only whsec_, the placeholder or not base64 is a problem", () => {
  const secrets = ["whsec_", "whsec_your_webhook_secret_here", "whsec_=", "whsec_A", "whsec_AA-_"];
  for (const secret of secrets) {
    assert.equal(problemsOf({ CLERK_WEBHOOK_SECRET: secret }).length, 1, secret);
    assert.equal(problemsOf({ CLERK_WEBHOOK_SECRET: `${SECRET},${secret}` }).length, 1, secret);
  }
});

Deno.test("a secret of less than 16 bytes is a problem, and is told as that", () => {
  const ofBytes = (bytes: number) => `whsec_${btoa("s".repeat(bytes))}`;
  for (const bytes of [1, 3, 13, 14, 15]) {
    const problem = "CLERK_WEBHOOK_SECRET holds a secret of less than 16 bytes";
    assert.deepEqual(problemsOf({ CLERK_WEBHOOK_SECRET: ofBytes(bytes) }), [problem]);
    const signing = { CLERK_WEBHOOK_SIGNING_SECRET: `${SECRET},${ofBytes(bytes)}` };
    assert.deepEqual(problemsOf(signing), [problem]);
  }
  for (const bytes of [16, 17, 18, 24, 64]) {
    const secret = ofBytes(bytes);
    assert.deepEqual(configOf({ CLERK_WEBHOOK_SECRET: secret }).webhookSecrets, [secret]);
  }
});

Deno.test("the key named default comes first out of SUPABASE_SECRET_KEYS", () => {
  const keys = JSON.stringify({ other: "sb_secret_other", default: "sb_secret_default" });
  assert.equal(configOf({ SUPABASE_SECRET_KEYS: keys }).secretKey, "sb_secret_default");
});

Deno.test("without a default, the first of SUPABASE_SECRET_KEYS is taken", () => {
  const keys = JSON.stringify({ sync: "sb_secret_sync", other: "sb_secret_other" });
  const only = configOf({ SUPABASE_SECRET_KEYS: keys, SUPABASE_SERVICE_ROLE_KEY: undefined });
  assert.equal(only.secretKey, "sb_secret_sync");
});

Deno.test("SUPABASE_SECRET_KEYS that hold no key leave SUPABASE_SERVICE_ROLE_KEY", () => {
  for (const keys of ["", "{", "{}", "[]", "null", "1", '{"default":""}', '{"default":1}']) {
    const { secretKey } = configOf({ SUPABASE_SECRET_KEYS: keys });
    assert.equal(secretKey, COMPLETE.SUPABASE_SERVICE_ROLE_KEY, keys);
  }
});

Deno.test("no key at all is a problem", () => {
  for (const keys of [undefined, "", "{", "{}"]) {
    const none = { SUPABASE_SECRET_KEYS: keys, SUPABASE_SERVICE_ROLE_KEY: undefined };
    assert.equal(problemsOf(none).length, 1, String(keys));
  }
});

Deno.test("a SUPABASE_URL that is missing or no URL is a problem", () => {
  for (const url of [undefined, "", "project.example.com", "https://"]) {
    assert.equal(problemsOf({ SUPABASE_URL: url }).length, 1, String(url));
  }
});

Deno.test("a SUPABASE_URL that is not http or https is a problem", () => {
  for (const url of ["localhost:54321", "ftp://project.example.com", "file:///project"]) {
    assert.equal(problemsOf({ SUPABASE_URL: url }).length, 1, String(url));
  }
});

Deno.test("all problems are told at once, and no value among them", () => {
  const secret = "whsec_c2VjcmV0!";
  const result = read({ CLERK_WEBHOOK_SECRET: secret, SUPABASE_URL: "project" });
  const problems = result.ok ? [] : result.problems;
  assert.equal(problems.length, 3);
  for (const value of [secret, "c2VjcmV0"]) assert.ok(!problems.join().includes(value));
});

Deno.test("an empty CLERK_INSTANCE_ID means all instances", () => {
  assert.equal(configOf({ CLERK_INSTANCE_ID: "" }).instanceId, null);
  assert.equal(configOf({ CLERK_INSTANCE_ID: "  " }).instanceId, null);
  assert.equal(configOf({ CLERK_INSTANCE_ID: " ins_1\n" }).instanceId, "ins_1");
});

Deno.test("LOG_LEVEL is read in any case", () => {
  assert.equal(readLogLevel(() => "DEBUG"), "debug");
  assert.equal(readLogLevel(() => " Warn\n"), "warn");
  assert.equal(readLogLevel(() => "error"), "error");
});

Deno.test("a LOG_LEVEL that is absent or unknown is info", () => {
  for (const level of [undefined, "", "verbose", "0", "debug,info", "__proto__"]) {
    assert.equal(readLogLevel(() => level), "info", String(level));
  }
});

const NUMBERS = [
  "SILENT_AFTER_HOURS",
  "RATE_LIMIT_FAILURES_PER_MINUTE",
  "RATE_LIMIT_VERIFIED_PER_SECOND",
];

Deno.test("as many refused events as are remembered can be waited for; 0 is never", () => {
  const of = (value: string) => configOf({ REFUSED_AFTER_EVENTS: value }).refusedAfterEvents;
  assert.deepEqual(["", "0", "1", "100"].map(of), [3, null, 1, 100]);
  for (const value of ["101", "-1", "three"]) {
    assert.match(problemsOf({ REFUSED_AFTER_EVENTS: value }).join(), /^REFUSED_AFTER_EVENTS is /);
  }
});

Deno.test("hours and limits are whole numbers; 0 hours are none, 0 as a limit is no limit", () => {
  const numbers = (value: string) => {
    const { silentAfterHours, rateLimits } = configOf(
      Object.fromEntries(NUMBERS.map((name) => [name, value])),
    );
    return [silentAfterHours, rateLimits.failuresPerMinute, rateLimits.verifiedPerSecond];
  };
  assert.deepEqual(numbers("24"), [24, 24, 24]);
  assert.deepEqual(numbers(" 5\n"), [5, 5, 5]);
  assert.deepEqual(numbers("0"), [null, 0, 0]);
  assert.deepEqual(numbers(" "), [null, 60, 500]);
});

for (const name of NUMBERS) {
  Deno.test(`${name} that is no whole number is a problem`, () => {
    for (const value of ["-1", "1.5", "1e3", "ten", "Infinity", "10000000"]) {
      assert.deepEqual(problemsOf({ [name]: value }), [`${name} is not a whole number`], value);
    }
  });
}

const KEYS = { default: "sb_secret_first", other: "sb_secret_second" };

Deno.test("every key is found, whatever its name", async () => {
  for (const key of Object.values(KEYS)) assert.equal(await isOneOf(KEYS, key), true, key);
});

Deno.test("a key that is shorter, longer or another by one letter is not found", async () => {
  for (const key of ["", "sb_secret_firs", "sb_secret_first ", "sb_secret_firsT", "default"]) {
    assert.equal(await isOneOf(KEYS, key), false, key);
  }
});

Deno.test("of no keys none is found", async () => {
  assert.equal(await isOneOf({}, ""), false);
});
