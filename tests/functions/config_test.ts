import assert from "node:assert/strict";
import { isOneOf, readLogLevel } from "../../supabase/functions/_clerk_sync/env.ts";
import { type Config, readConfig } from "../../supabase/functions/clerk-webhook/config.ts";
import { OTHER_SECRET, SECRET } from "../support/signed_request.ts";

const COMPLETE = {
  CLERK_WEBHOOK_SECRET: SECRET,
  SUPABASE_URL: "https://project.example.com",
  SUPABASE_SERVICE_ROLE_KEY: "the service role key",
};

type Variables = Record<string, string | undefined>;

/** The configuration of a complete environment with these differences. Fails when there is a problem. */
function configOf(difference: Variables = {}): Config {
  const variables: Variables = { ...COMPLETE, ...difference };
  const result = readConfig((name) => variables[name]);
  return result.ok ? result.config : assert.fail(result.problems.join());
}

/** What is wrong with a complete environment with these differences. */
function problemsOf(difference: Variables): string[] {
  const variables: Variables = { ...COMPLETE, ...difference };
  const result = readConfig((name) => variables[name]);
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
    rateLimits: { failuresPerMinute: 60, verifiedPerSecond: 2000 },
  });
});

Deno.test("several secrets are separated by commas, spaces or lines, which are none themselves", () => {
  for (const separator of [",", " ", ", ", "\n", " ,\t", ",, \r\n"]) {
    const list = `\n, ${SECRET}${separator}${OTHER_SECRET}${separator}`;
    const { webhookSecrets } = configOf({ CLERK_WEBHOOK_SECRET: list });
    assert.deepEqual(webhookSecrets, [SECRET, OTHER_SECRET]);
  }
});

Deno.test("Clerk's own name for the secret is read as well, and a secret without whsec_", () => {
  const own = { CLERK_WEBHOOK_SECRET: undefined, CLERK_WEBHOOK_SIGNING_SECRET: SECRET };
  assert.deepEqual(configOf(own).webhookSecrets, [SECRET]);
  const both = configOf({ CLERK_WEBHOOK_SIGNING_SECRET: OTHER_SECRET });
  assert.deepEqual(both.webhookSecrets, [SECRET, OTHER_SECRET]);
  const bare = SECRET.replace("whsec_", "");
  assert.deepEqual(configOf({ CLERK_WEBHOOK_SECRET: bare }).webhookSecrets, [bare]);
});

const NO_SECRETS = ["whsec_", "whsec_your_webhook_secret_here", "whsec_=", "whsec_A", "whsec_AA-_"];

const PROBLEMS: [what: string, differences: Variables[]][] = [
  [
    "no secret at all",
    [undefined, "", " ", ",", "\n"].map((secret) => ({ CLERK_WEBHOOK_SECRET: secret })),
  ],
  [
    "a secret that is only whsec_, the placeholder or not base64, also beside a right one,",
    [...NO_SECRETS, ...NO_SECRETS.map((secret) => `${SECRET},${secret}`)]
      .map((secret) => ({ CLERK_WEBHOOK_SECRET: secret })),
  ],
  [
    "no key at all",
    [undefined, "", "{", "{}"].map((keys) => ({
      SUPABASE_SECRET_KEYS: keys,
      SUPABASE_SERVICE_ROLE_KEY: undefined,
    })),
  ],
  [
    "a SUPABASE_URL that is missing, no URL, or not http or https",
    [undefined, "", "project.example.com", "https://", "localhost:54321", "file:///project"]
      .map((url) => ({ SUPABASE_URL: url })),
  ],
];

for (const [what, differences] of PROBLEMS) {
  Deno.test(`${what} is a problem`, () => {
    for (const difference of differences) {
      assert.equal(problemsOf(difference).length, 1, JSON.stringify(difference));
    }
  });
}

Deno.test("a secret of less than 16 bytes is a problem, and is told as that", () => {
  const ofBytes = (bytes: number) => `whsec_${btoa("s".repeat(bytes))}`;
  const problem = "CLERK_WEBHOOK_SECRET holds a secret of less than 16 bytes";
  for (const bytes of [1, 3, 13, 14, 15]) {
    assert.deepEqual(problemsOf({ CLERK_WEBHOOK_SECRET: ofBytes(bytes) }), [problem]);
    const signing = { CLERK_WEBHOOK_SIGNING_SECRET: `${SECRET},${ofBytes(bytes)}` };
    assert.deepEqual(problemsOf(signing), [problem]);
  }
  for (const bytes of [16, 17, 18, 24, 64]) {
    const secret = ofBytes(bytes);
    assert.deepEqual(configOf({ CLERK_WEBHOOK_SECRET: secret }).webhookSecrets, [secret]);
  }
});

Deno.test("of SUPABASE_SECRET_KEYS the one named default is taken, else the first; without any the old one", () => {
  const of = (keys: unknown) =>
    configOf({ SUPABASE_SECRET_KEYS: typeof keys === "string" ? keys : JSON.stringify(keys) })
      .secretKey;
  assert.equal(of({ other: "sb_secret_other", default: "sb_secret_default" }), "sb_secret_default");
  assert.equal(of({ sync: "sb_secret_sync", other: "sb_secret_other" }), "sb_secret_sync");
  for (const none of ["", "{", {}, [], null, 1, { default: "" }, { default: 1 }]) {
    assert.equal(of(none), COMPLETE.SUPABASE_SERVICE_ROLE_KEY, JSON.stringify(none));
  }
});

Deno.test("all problems are told at once, and no value among them", () => {
  const problems = problemsOf({
    CLERK_WEBHOOK_SECRET: "whsec_c2VjcmV0!",
    SUPABASE_URL: "project",
    SUPABASE_SERVICE_ROLE_KEY: undefined,
  });
  assert.equal(problems.length, 3);
  assert.doesNotMatch(problems.join(), /c2VjcmV0/);
});

Deno.test("an empty CLERK_INSTANCE_ID means all instances", () => {
  for (const [id, expected] of [["", null], ["  ", null], [" ins_1\n", "ins_1"]] as const) {
    assert.equal(configOf({ CLERK_INSTANCE_ID: id }).instanceId, expected);
  }
});

Deno.test("LOG_LEVEL is read in any case; absent or unknown it is info", () => {
  for (const [text, level] of [["DEBUG", "debug"], [" Warn\n", "warn"], ["error", "error"]]) {
    assert.equal(readLogLevel(() => text), level);
  }
  for (const level of [undefined, "", "verbose", "0", "debug,info", "__proto__"]) {
    assert.equal(readLogLevel(() => level), "info", String(level));
  }
});

/** Each variable that is a whole number, where it is found, and what it is without a value. */
const NUMBERS: [name: string, of: (config: Config) => number | null, byDefault: number | null][] = [
  ["SILENT_AFTER_HOURS", (config) => config.silentAfterHours, null],
  ["REFUSED_AFTER_EVENTS", (config) => config.refusedAfterEvents, 3],
  ["RATE_LIMIT_FAILURES_PER_MINUTE", (config) => config.rateLimits.failuresPerMinute, 60],
  ["RATE_LIMIT_VERIFIED_PER_SECOND", (config) => config.rateLimits.verifiedPerSecond, 2000],
];

for (const [name, of, byDefault] of NUMBERS) {
  Deno.test(`${name} is a whole number; 0 is none, or as a limit no limit`, () => {
    const read = (value: string) => of(configOf({ [name]: value }));
    const none = name.startsWith("RATE_LIMIT") ? 0 : null;
    assert.deepEqual(["24", " 5\n", "0", " "].map(read), [24, 5, none, byDefault]);
    for (const value of ["-1", "1.5", "1e3", "ten", "Infinity", "10000000"]) {
      assert.deepEqual(problemsOf({ [name]: value }), [`${name} is not a whole number`], value);
    }
  });
}

Deno.test("no more refused events can be waited for than are remembered", () => {
  assert.equal(configOf({ REFUSED_AFTER_EVENTS: "100" }).refusedAfterEvents, 100);
  const [problem] = problemsOf({ REFUSED_AFTER_EVENTS: "101" });
  assert.equal(problem, "REFUSED_AFTER_EVENTS is more than 100");
});

Deno.test("a key of the project is found whatever its name, and nothing that is nearly one", async () => {
  const keys = { default: "sb_secret_first", other: "sb_secret_second" };
  for (const key of Object.values(keys)) assert.equal(await isOneOf(keys, key), true, key);
  for (const key of ["", "sb_secret_firs", "sb_secret_first ", "sb_secret_firsT", "default"]) {
    assert.equal(await isOneOf(keys, key), false, key);
  }
  assert.equal(await isOneOf({}, ""), false);
});
