import assert from "node:assert/strict";
import {
  readAllowedOrigins,
  readConfig,
} from "../../../supabase/functions/sync-from-clerk/config.ts";
import { SECRET_KEY, startEndpoint, TOKENS, URL_HERE } from "../../support/sync_endpoint.ts";

const COMPLETE = {
  CLERK_SECRET_KEY: "sk_test_1",
  SUPABASE_URL: "https://project.example.com",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_1","other":"sb_secret_2"}',
};

type Variables = Record<string, string | undefined>;

/** The configuration of a complete environment with these differences, or what is wrong with it. */
function read(difference: Variables = {}) {
  const variables: Variables = { ...COMPLETE, ...difference };
  const result = readConfig((name) => variables[name]);
  return result.ok ? { ...result, problems: [] } : { ...result, config: null };
}

Deno.test("three variables are enough", () => {
  assert.deepEqual(read().config, {
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

const { pem } = TOKENS;
const ORIGINS = "https://app.example.com http://localhost:3000,capacitor://localhost";

const PROBLEMS: [what: string, name: string, values: (string | undefined)[]][] = [
  ["a secret key that is missing, a placeholder or a publishable one", "CLERK_SECRET_KEY", [
    ...[undefined, "", " ", "your_clerk_secret_key", "pk_test_1", "sk_test_", "sk_1"],
  ]],
  ["a public key that is none", "CLERK_JWT_KEY", [
    ...["nonsense", pem.slice(0, 200), pem.replace("MIIB", "MIIC"), "sk_test_1"],
  ]],
  ["an address of Clerk that is no HTTP URL", "CLERK_API_URL", [
    ...["api.clerk.com", "localhost:3000", "file:///etc"],
  ]],
  ["an origin with a wildcard, a path or upper case", "SYNC_ALLOWED_ORIGINS", [
    ...["*", "https://*.example.com", "https://a.example.com/", "app.example.com", "null"],
    ...["https://App.example.com", "https://a.example.com/path"],
  ]],
];

for (const [what, name, values] of PROBLEMS) {
  Deno.test(`${what} is a problem`, () => {
    for (const value of values) {
      assert.equal(read({ [name]: value }).problems.length, 1, String(value));
    }
  });
}

Deno.test("the PEM may have lost its line breaks, or have them written as \\n", () => {
  const written = [
    pem,
    pem.replaceAll("\n", "\\n"),
    pem.replaceAll("\n", ""),
    pem.replaceAll("\n", " "),
    `\n${pem.replaceAll("\n", "\r\n")}\n`,
  ];
  for (const CLERK_JWT_KEY of written) {
    const jwtKey = read({ CLERK_JWT_KEY }).config?.clerk.jwtKey;
    assert.equal(jwtKey?.replaceAll("\n", ""), pem.replaceAll("\n", ""));
  }
});

Deno.test("another address of Clerk is taken without blanks, an empty one is none", () => {
  for (const [url, expected] of [[" http://127.0.0.1:9 ", "http://127.0.0.1:9"], ["", undefined]]) {
    assert.equal(read({ CLERK_API_URL: url }).config?.clerk.apiUrl, expected);
  }
});

Deno.test("of several origins those that are one are allowed", () => {
  assert.deepEqual(read({ SYNC_ALLOWED_ORIGINS: ORIGINS }).problems, []);
  for (const wrong of ["", "* ", "https://a.example.com/ "]) {
    assert.equal(readAllowedOrigins(() => wrong + ORIGINS).length, 3, wrong);
  }
});

Deno.test("all problems are told at once, and no value among them", () => {
  const values = { CLERK_SECRET_KEY: "pk_live_x", CLERK_JWT_KEY: "pem", CLERK_API_URL: "clerk" };
  const others = { SUPABASE_URL: "project", SUPABASE_SECRET_KEYS: "" };
  const { problems } = read({ ...values, ...others });
  assert.equal(problems.length, 5);
  for (const value of Object.values(values)) {
    assert.ok(!problems.join().split(/[ ,]/).includes(value), value);
  }
});

const OURS = "https://app.example.com";
const ALLOWED = { SYNC_ALLOWED_ORIGINS: `http://localhost:3000, ${OURS}` };

Deno.test("without a usable configuration every request is answered 500, which a page may read", async () => {
  await using endpoint = startEndpoint({ env: { ...ALLOWED, CLERK_SECRET_KEY: "" } });
  for (const method of ["GET", "POST"]) {
    const reply = await endpoint.ask({ method, headers: { origin: OURS } });
    assert.equal(reply.said, "500 misconfigured");
    assert.equal(reply.headers.get("access-control-allow-origin"), OURS);
  }
});

function preflight(origin: string): Request {
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,apikey,content-type,x-client-info",
  };
  return new Request(URL_HERE, { method: "OPTIONS", headers });
}

function corsOf(headers: Headers): string[] {
  return [...headers.keys()].filter((name) => name.startsWith("access-control-")).sort();
}

Deno.test("a page of an allowed origin may send what supabase-js sends; that asks nobody and is not logged", async () => {
  await using endpoint = startEndpoint({ env: ALLOWED });
  for (const origin of [OURS, "http://localhost:3000"]) {
    const { status, headers } = await endpoint.handle(preflight(origin));
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), origin);
    assert.equal(headers.get("access-control-allow-methods"), "GET, POST");
    assert.equal(headers.get("vary"), "origin");
    const allowed = headers.get("access-control-allow-headers")?.split(", ") ?? [];
    for (const name of ["authorization", "apikey", "content-type", "x-client-info"]) {
      assert.ok(allowed.includes(name), name);
    }
    assert.equal(headers.get("access-control-allow-credentials"), null);
  }
  assert.deepEqual([endpoint.lines, endpoint.calls, endpoint.clerk.requests], [[], [], []]);
});

const OTHERS = [
  "https://evil.example.com",
  "https://app.example.com.evil.com",
  "http://app.example.com",
  "https://app.example.com:8443",
  "http://localhost",
  "null",
  "*",
];

for (
  const [what, env, origins] of [
    ["a page of another origin", ALLOWED, OTHERS],
    ["without SYNC_ALLOWED_ORIGINS a page", {}, [OURS, "null"]],
  ] as const
) {
  Deno.test(`${what} gets no header`, async () => {
    await using endpoint = startEndpoint({ env });
    for (const origin of origins) {
      assert.deepEqual(corsOf((await endpoint.handle(preflight(origin))).headers), [], origin);
      const { headers } = await endpoint.ask({ headers: { origin, apikey: SECRET_KEY } });
      assert.deepEqual(corsOf(headers), [], origin);
      assert.equal(headers.get("vary"), "origin");
    }
  });
}

Deno.test("a page of an allowed origin may read every answer, and when to come back", async () => {
  await using endpoint = startEndpoint({ env: ALLOWED });
  const answers: [string, Record<string, string>, string][] = [
    ["POST", {}, "401 missing_token"],
    ["POST", { apikey: SECRET_KEY }, "400 invalid_request"],
    ["DELETE", {}, "405 method_not_allowed"],
  ];
  for (const [method, more, expected] of answers) {
    const { said, headers } = await endpoint.ask({ method, headers: { origin: OURS, ...more } });
    assert.equal(said, expected);
    assert.equal(headers.get("access-control-allow-origin"), OURS);
    assert.equal(headers.get("access-control-expose-headers"), "retry-after");
  }
});
