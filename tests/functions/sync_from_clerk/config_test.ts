import assert from "node:assert/strict";
import {
  readAllowedOrigins,
  readConfig,
} from "../../../supabase/functions/sync-from-clerk/config.ts";
import { said, startEndpoint, TOKENS } from "./endpoint.ts";

const COMPLETE = {
  CLERK_SECRET_KEY: "sk_test_1",
  SUPABASE_URL: "https://project.example.com",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_1","other":"sb_secret_2"}',
};

type Variables = Record<string, string | undefined>;

function read(difference: Variables = {}) {
  const variables: Variables = { ...COMPLETE, ...difference };
  return readConfig((name) => variables[name]);
}

/** The configuration of a complete environment with these differences. Fails when there is a problem. */
function configOf(difference: Variables = {}) {
  const result = read(difference);
  return result.ok ? result.config : assert.fail(result.problems.join());
}

/** What is wrong with a complete environment with these differences. */
function problemsOf(difference: Variables): string[] {
  const result = read(difference);
  return result.ok ? [] : result.problems;
}

Deno.test("three variables are enough", () => {
  assert.deepEqual(configOf(), {
    project: {
      url: "https://project.example.com",
      secretKey: "sb_secret_1",
      secretKeys: { default: "sb_secret_1", other: "sb_secret_2" },
    },
    publishableKeys: {},
    clerk: {
      secretKey: "sk_test_1",
      apiUrl: undefined,
      jwtKey: null,
      authorizedParties: [],
      issuers: [],
      instanceId: null,
    },
  });
});

Deno.test("a secret key that is missing, a placeholder or a publishable one is a problem", () => {
  for (
    const key of [undefined, "", " ", "your_clerk_secret_key", "pk_test_1", "sk_test_", "sk_1"]
  ) {
    assert.equal(problemsOf({ CLERK_SECRET_KEY: key }).length, 1, String(key));
  }
});

Deno.test("the PEM may have lost its line breaks, or have them written as \\n", () => {
  const written = [
    TOKENS.pem,
    TOKENS.pem.replaceAll("\n", "\\n"),
    TOKENS.pem.replaceAll("\n", ""),
    TOKENS.pem.replaceAll("\n", " "),
    `\n${TOKENS.pem.replaceAll("\n", "\r\n")}\n`,
  ];
  for (const CLERK_JWT_KEY of written) {
    const { jwtKey } = configOf({ CLERK_JWT_KEY }).clerk;
    assert.equal(jwtKey?.replaceAll("\n", ""), TOKENS.pem.replaceAll("\n", ""));
  }
});

Deno.test("a public key that is none is a problem", () => {
  const wrong = [
    "nonsense",
    TOKENS.pem.slice(0, 200),
    TOKENS.pem.replace("MIIB", "MIIC"),
    "sk_test_1",
  ];
  for (const CLERK_JWT_KEY of wrong) {
    assert.equal(problemsOf({ CLERK_JWT_KEY }).length, 1, CLERK_JWT_KEY);
  }
});

Deno.test("another address of Clerk must be an HTTP URL", () => {
  assert.equal(
    configOf({ CLERK_API_URL: " http://127.0.0.1:9 " }).clerk.apiUrl,
    "http://127.0.0.1:9",
  );
  assert.equal(configOf({ CLERK_API_URL: "" }).clerk.apiUrl, undefined);
  for (const CLERK_API_URL of ["api.clerk.com", "localhost:3000", "file:///etc"]) {
    assert.equal(problemsOf({ CLERK_API_URL }).length, 1, CLERK_API_URL);
  }
});

Deno.test("origins are exact: no wildcard, no path, no upper case", () => {
  const right = "https://app.example.com http://localhost:3000,capacitor://localhost";
  assert.equal(readAllowedOrigins(() => right).length, 3);
  assert.deepEqual(problemsOf({ SYNC_ALLOWED_ORIGINS: right }), []);
  const wrong = ["*", "https://*.example.com", "https://a.example.com/", "app.example.com", "null"];
  for (const origin of [...wrong, "https://App.example.com", "https://a.example.com/path"]) {
    assert.deepEqual(readAllowedOrigins(() => `${origin} ${right}`).length, 3, origin);
    assert.equal(problemsOf({ SYNC_ALLOWED_ORIGINS: origin }).length, 1, origin);
  }
});

Deno.test("all problems are told at once, and no value among them", () => {
  const values = { CLERK_SECRET_KEY: "pk_live_x", CLERK_JWT_KEY: "pem", CLERK_API_URL: "clerk" };
  const problems = problemsOf({ ...values, SUPABASE_URL: "project", SUPABASE_SECRET_KEYS: "" });
  assert.equal(problems.length, 5);
  for (const value of Object.values(values)) {
    assert.ok(!problems.join().split(/[ ,]/).includes(value), value);
  }
});

Deno.test("without a usable configuration every request is answered 500 misconfigured", async () => {
  await using endpoint = startEndpoint({ env: { CLERK_SECRET_KEY: "" } });
  for (const method of ["GET", "POST"]) {
    assert.equal(said(await endpoint.ask({ method })), "500 misconfigured");
  }
});
