/** Who calls: a session token of the instance, or one of the project's secret keys. */
import { decodeJwt, importJWK, SignJWT } from "jose";
import assert from "node:assert/strict";
import { createSessionTokens, createSigningKey } from "../../../scripts/token/session_tokens.ts";
import { createSigningKeys } from "../../../supabase/functions/sync-from-clerk/session_token.ts";
import { startClerkApi } from "../../clerk_api/server.ts";
import {
  PUBLISHABLE_KEY,
  SECRET_KEY,
  signedIn,
  SIGNING_KEY,
  startEndpoint,
  TOKENS,
  usersOf,
} from "../../support/sync_endpoint.ts";

const SESSION = { sub: "user_1" };
const foreignKey = await createSigningKey();
const { issuer } = TOKENS;
const FOREIGN = await createSessionTokens({ issuer, key: foreignKey, kid: "ins_foreign" });
/** Of another instance, under the name of ours. */
const FORGED = await createSessionTokens({ issuer, key: foreignKey, kid: "ins_test" });

const start = (env: Record<string, string> = {}) =>
  startEndpoint({ instance: usersOf("user_1", "user_2"), env });

const withClaims = (claims: Record<string, unknown>) => () => TOKENS.sign({ ...SESSION, claims });

/** A token of this instance with these beside the key and its name. */
const withHeader = (header: { typ?: string }) => async () =>
  await new SignJWT(decodeJwt(await TOKENS.sign(SESSION)))
    .setProtectedHeader({ alg: "RS256", kid: TOKENS.kid, ...header })
    .sign(await importJWK(SIGNING_KEY, "RS256"));

const unsigned = (header: object, payload: object) =>
  [header, payload].map((part) => btoa(JSON.stringify(part))).join(".");

const signedBySecret = () =>
  new SignJWT(SESSION).setProtectedHeader({ alg: "HS256", kid: "ins_test", typ: "JWT" })
    .setExpirationTime("1h").sign(new TextEncoder().encode(TOKENS.pem));

const IN_AN_HOUR = Date.now() / 1000 + 3600;

const REFUSED: [what: string, makeToken: () => Promise<string> | string, word?: string][] = [
  ["over", () => TOKENS.sign({ ...SESSION, expiresIn: -10 }), "expired_token"],
  ["of another instance", () => FOREIGN.sign(SESSION), "wrong_instance"],
  ["of another key than it says", () => FORGED.sign(SESSION), "wrong_instance"],
  ["of a pending session", () => TOKENS.sign({ ...SESSION, sts: "pending" }), "pending_session"],
  ["not valid yet", withClaims({ nbf: IN_AN_HOUR })],
  ["not valid yet, by its issue", withClaims({ iat: IN_AN_HOUR })],
  ["without an end", withClaims({ exp: undefined })],
  ["of a session that is over", withClaims({ sts: "expired" })],
  ["of a session in no state", withClaims({ sts: "" })],
  ["of a session whose state is no word", withClaims({ sts: null })],
  ["for somebody else", withClaims({ aud: "https://api.example.com" })],
  ["for some others", withClaims({ aud: ["hasura", "convex"] })],
  ["for nobody", withClaims({ aud: [] })],
  ["from nobody", withClaims({ iss: undefined })],
  ["from what is no address", withClaims({ iss: "clerk" })],
  ["of an origin that is no text", withClaims({ azp: 1 })],
  ["of no type", withHeader({})],
  ["an access token by its type", withHeader({ typ: "at+jwt" })],
  ["not of a user", withClaims({ sub: "mch_1" })],
  ["of a user whose id is none", withClaims({ sub: "user_../x" })],
  ["without a user", withClaims({ sub: undefined })],
  ["no token", () => "nonsense"],
  ["empty in its parts", () => ".."],
  ["overlong", withClaims({ more: "x".repeat(9_000) })],
  ["not signed at all", () => `${unsigned({ alg: "none", kid: "ins_test" }, SESSION)}.`],
  ["signed with a secret", signedBySecret],
];

const BY_KEY = { CLERK_JWT_KEY: TOKENS.pem };

for (const [by, env] of [["JWKS", {}], ["CLERK_JWT_KEY", BY_KEY]] as const) {
  Deno.test(`by ${by}, a token of this instance is its user's`, async () => {
    await using endpoint = start(env);
    assert.equal(await endpoint.sync(SESSION), "200 in_sync");
    assert.equal(endpoint.clerk.requests.includes("GET /v1/jwks"), by === "JWKS");
  });

  for (const [what, makeToken, word = "invalid_token"] of REFUSED) {
    Deno.test(`by ${by}, a token that is ${what} is answered 401 ${word}, and nobody is asked`, async () => {
      await using endpoint = start(env);
      const headers = { authorization: `Bearer ${await makeToken()}` };
      for (const method of ["POST", "GET"]) {
        assert.equal((await endpoint.ask({ method, headers })).said, `401 ${word}`);
      }
      assert.deepEqual(endpoint.calls, []);
      assert.deepEqual(endpoint.clerk.requests.filter((path) => path !== "GET /v1/jwks"), []);
    });
  }
}

Deno.test("without a token the answer is 401 missing_token", async () => {
  await using endpoint = start();
  const schemes = ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", await TOKENS.sign(SESSION)];
  for (const headers of [{}, ...schemes.map((authorization) => ({ authorization }))]) {
    assert.equal((await endpoint.ask({ body: {}, headers })).said, "401 missing_token");
  }
});

const PARTIES = { CLERK_AUTHORIZED_PARTIES: "https://app.example.com,http://localhost:3000" };
const ISSUERS = { CLERK_ISSUER: `https://clerk.example.com, ${issuer}` };

const CLAIMS: [what: string, env: Record<string, string>, claims: object, said: string][] = [
  ["for one of CLERK_AUTHORIZED_PARTIES", PARTIES, { azp: "http://localhost:3000" }, "200 in_sync"],
  ["for another origin", PARTIES, { azp: "https://evil.example.com" }, "401 invalid_token"],
  ["for no origin", PARTIES, {}, "401 invalid_token"],
  ["of one CLERK_ISSUER", ISSUERS, { iss: issuer }, "200 in_sync"],
  ["of the other CLERK_ISSUER", ISSUERS, { iss: "https://clerk.example.com" }, "200 in_sync"],
  ["of nearly one", ISSUERS, { iss: `${issuer}/` }, "401 wrong_instance"],
  ["of another issuer", ISSUERS, { iss: "https://clerk.evil.example" }, "401 wrong_instance"],
  ["for Supabase's own audience", {}, { aud: "authenticated" }, "200 in_sync"],
  ["for that one among others", {}, { aud: ["hasura", "authenticated"] }, "200 in_sync"],
];

for (const [what, env, claims, said] of CLAIMS) {
  Deno.test(`a token ${what} is answered ${said}`, async () => {
    await using endpoint = start(env);
    assert.equal(await endpoint.sync({ ...SESSION, claims: { ...claims } }), said);
  });
}

Deno.test("the scheme's name may be written in any case", async () => {
  await using endpoint = start();
  const { authorization = "" } = await signedIn(SESSION);
  const headers = { authorization: authorization.replace("Bearer", "bearer") };
  assert.equal((await endpoint.ask({ headers })).said, "200 in_sync");
});

const NAMED = JSON.stringify({ default: "sb_secret_1", sync: "sb_secret_2" });
const OLD = { SUPABASE_SECRET_KEYS: "", SUPABASE_SERVICE_ROLE_KEY: "ey.service.role" };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const CREDENTIALS: [
  what: string,
  headers: Record<string, string>,
  said: string,
  env?: Record<string, string>,
][] = [
  ["the secret key", { apikey: SECRET_KEY }, "200 in_sync"],
  ["a secret key by any name", { apikey: "sb_secret_1" }, "200 in_sync", {
    SUPABASE_SECRET_KEYS: NAMED,
  }],
  ["another secret key", { apikey: "sb_secret_2" }, "200 in_sync", { SUPABASE_SECRET_KEYS: NAMED }],
  [
    "the service role key where it is the only one",
    { apikey: "ey.service.role" },
    "200 in_sync",
    OLD,
  ],
  ["a secret key that is none here", { apikey: SECRET_KEY }, "401 invalid_key", OLD],
  ...["sb_secret_other", `${SECRET_KEY}x`, SECRET_KEY.slice(0, -1), "default"].map((
    apikey,
  ): typeof CREDENTIALS[0] => [`the key ${apikey}`, { apikey }, "401 invalid_key"]),
  ["the publishable key alone", { apikey: PUBLISHABLE_KEY }, "401 missing_token"],
  [
    "the publishable key twice, as supabase-js sends it while nobody is signed in",
    { apikey: PUBLISHABLE_KEY, ...bearer(PUBLISHABLE_KEY) },
    "401 missing_token",
  ],
  [
    "the secret key twice, as supabase-js sends it",
    { apikey: SECRET_KEY, ...bearer(SECRET_KEY) },
    "200 in_sync",
  ],
  ["the secret key in the token's place alone", bearer(SECRET_KEY), "401 invalid_token"],
];

for (const [what, headers, said, env] of CREDENTIALS) {
  Deno.test(`${what}: ${said}`, async () => {
    await using endpoint = start(env);
    const reply = await endpoint.ask({ body: { clerkUserId: "user_1" }, headers });
    assert.equal(reply.said, said);
    if (reply.status === 401) assert.deepEqual([endpoint.calls, endpoint.clerk.requests], [[], []]);
  });
}

Deno.test("beside a token no key counts, not even a wrong one", async () => {
  await using endpoint = start();
  for (const apikey of [PUBLISHABLE_KEY, SECRET_KEY, "sb_publishable_other"]) {
    const headers = { ...await signedIn(SESSION), apikey };
    assert.equal((await endpoint.ask({ body: {}, headers })).said, "200 in_sync");
    const body = { clerkUserId: "user_2" };
    assert.equal((await endpoint.ask({ body, headers })).said, "403 forbidden", apikey);
  }
});

/** The keys of an instance, a clock to move, and a count of how often Clerk was asked. */
function startKeys() {
  const jwks = structuredClone(TOKENS.jwks);
  const clerk = startClerkApi({ instance: usersOf(), jwks });
  const clock = { ms: 0 };
  const options = { secretKey: clerk.secretKey, apiUrl: clerk.url, timeoutMs: 1_000 };
  return {
    jwks,
    clock,
    clerk,
    signingKey: createSigningKeys(options, () => clock.ms),
    asked: () => clerk.requests.length,
    [Symbol.asyncDispose]: () => clerk[Symbol.asyncDispose](),
  };
}

Deno.test("a signing key is found by its id, and kept for five minutes", async () => {
  await using keys = startKeys();
  const { signingKey, clock, asked } = keys;
  assert.deepEqual(await signingKey("ins_test"), TOKENS.jwks.keys[0]);
  for (const [ms, times] of [[299_000, 1], [300_000, 2]] as const) {
    clock.ms = ms;
    await signingKey("ins_test");
    assert.equal(asked(), times);
  }
});

Deno.test("unknown ids lead to one request in ten seconds, however many there are", async () => {
  await using keys = startKeys();
  const { signingKey, clock, asked } = keys;
  for (const [ms, times] of [[0, 1], [10_000, 2]] as const) {
    clock.ms = ms;
    for (let index = 0; index < 50; index++) assert.equal(await signingKey(`ins_${index}`), null);
    assert.ok(await signingKey("ins_test"));
    assert.equal(asked(), times);
  }
});

Deno.test("a new key is found within ten seconds, and one that is gone is forgotten", async () => {
  await using keys = startKeys();
  const { signingKey, clock, jwks } = keys;
  await signingKey("ins_test");
  jwks.keys[0]!.kid = "ins_new";
  clock.ms = 10_000;
  assert.ok(await signingKey("ins_new"));
  assert.equal(await signingKey("ins_test"), null);
});

Deno.test("who asks for a key at the same time waits for the same answer", async () => {
  await using keys = startKeys();
  const { signingKey, asked } = keys;
  const found = await Promise.all(Array.from({ length: 20 }, () => signingKey("ins_test")));
  assert.ok(found.every((key) => key !== null));
  assert.equal(asked(), 1);
});

Deno.test("a failure to get keys is not kept", async () => {
  await using keys = startKeys();
  const { signingKey, clerk } = keys;
  clerk.faults.next(1, { kind: "server_error", status: 503 });
  await assert.rejects(signingKey("ins_test"), { failure: "unavailable" });
  assert.ok(await signingKey("ins_test"));
});

Deno.test("an instance without keys is a wrong answer", async () => {
  await using keys = startKeys();
  keys.jwks.keys.length = 0;
  await assert.rejects(keys.signingKey("ins_test"), { failure: "invalid_answer" });
});
