import { decodeJwt, importJWK, SignJWT } from "jose";
import assert from "node:assert/strict";
import { createSessionTokens, createSigningKey } from "../../../scripts/token/session_tokens.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { said, signedIn, SIGNING_KEY, startEndpoint, TOKENS } from "./endpoint.ts";

const SESSION = { sub: "user_1" };
const foreignKey = await createSigningKey();
const { issuer } = TOKENS;
const FOREIGN = await createSessionTokens({ issuer, key: foreignKey, kid: "ins_foreign" });
/** Of another instance, under the name of ours. */
const FORGED = await createSessionTokens({ issuer, key: foreignKey, kid: "ins_test" });

/** An instance with one user, of whom the database knows nothing. */
function oneUser(): WorldInstance {
  const instance = new WorldInstance();
  instance.addUser({ id: SESSION.sub });
  return instance;
}

async function withClaims(claims: Record<string, unknown>): Promise<string> {
  return await TOKENS.sign({ ...SESSION, claims });
}

/** A token of this instance with these beside the key and its name. */
async function withHeader(header: { typ?: string }): Promise<string> {
  return await new SignJWT(decodeJwt(await TOKENS.sign(SESSION)))
    .setProtectedHeader({ alg: "RS256", kid: TOKENS.kid, ...header })
    .sign(await importJWK(SIGNING_KEY, "RS256"));
}

const unsigned = (header: object, payload: object) =>
  [header, payload].map((part) => btoa(JSON.stringify(part))).join(".");

const REFUSED: [string, string, () => Promise<string> | string][] = [
  ["over", "expired_token", () => TOKENS.sign({ ...SESSION, expiresIn: -10 })],
  ["of another instance", "wrong_instance", () => FOREIGN.sign(SESSION)],
  ["of another key than it says", "wrong_instance", () => FORGED.sign(SESSION)],
  ["of a pending session", "pending_session", () => TOKENS.sign({ ...SESSION, sts: "pending" })],
  ["not valid yet", "invalid_token", () => withClaims({ nbf: Date.now() / 1000 + 3600 })],
  [
    "not valid yet, by its issue",
    "invalid_token",
    () => withClaims({ iat: Date.now() / 1000 + 3600 }),
  ],
  ["without an end", "invalid_token", () => withClaims({ exp: undefined })],
  ["of a session that is over", "invalid_token", () => withClaims({ sts: "expired" })],
  ["of a session in no state", "invalid_token", () => withClaims({ sts: "" })],
  ["of a session whose state is no word", "invalid_token", () => withClaims({ sts: null })],
  ["for somebody else", "invalid_token", () => withClaims({ aud: "https://api.example.com" })],
  ["for some others", "invalid_token", () => withClaims({ aud: ["hasura", "convex"] })],
  ["for nobody", "invalid_token", () => withClaims({ aud: [] })],
  ["from nobody", "invalid_token", () => withClaims({ iss: undefined })],
  ["from what is no address", "invalid_token", () => withClaims({ iss: "clerk" })],
  ["of an origin that is no text", "invalid_token", () => withClaims({ azp: 1 })],
  ["of no type", "invalid_token", () => withHeader({})],
  ["an access token by its type", "invalid_token", () => withHeader({ typ: "at+jwt" })],
  ["not of a user", "invalid_token", () => withClaims({ sub: "mch_1" })],
  ["of a user whose id is none", "invalid_token", () => withClaims({ sub: "user_../x" })],
  ["without a user", "invalid_token", () => withClaims({ sub: undefined })],
  ["no token", "invalid_token", () => "nonsense"],
  ["empty in its parts", "invalid_token", () => ".."],
  ["overlong", "invalid_token", () => withClaims({ more: "x".repeat(9_000) })],
  [
    "not signed at all",
    "invalid_token",
    () => `${unsigned({ alg: "none", kid: "ins_test" }, SESSION)}.`,
  ],
  [
    "signed with a secret",
    "invalid_token",
    () =>
      new SignJWT(SESSION).setProtectedHeader({ alg: "HS256", kid: "ins_test", typ: "JWT" })
        .setExpirationTime("1h").sign(new TextEncoder().encode(TOKENS.pem)),
  ],
];

for (
  const [key, env] of [["JWKS", {}], ["CLERK_JWT_KEY", { CLERK_JWT_KEY: TOKENS.pem }]] as const
) {
  Deno.test(`by ${key}, a token of this instance is its user's`, async () => {
    await using endpoint = startEndpoint({ instance: oneUser(), env });
    assert.equal(await endpoint.sync(SESSION), "200 in_sync");
    assert.equal(endpoint.clerk.requests.includes("GET /v1/jwks"), key === "JWKS");
  });

  for (const [what, word, makeToken] of REFUSED) {
    Deno.test(`by ${key}, a token that is ${what} is answered 401 ${word}, and nobody is asked`, async () => {
      await using endpoint = startEndpoint({ instance: oneUser(), env });
      const headers = { authorization: `Bearer ${await makeToken()}` };
      assert.equal(said(await endpoint.ask({ body: {}, headers })), `401 ${word}`);
      assert.equal(said(await endpoint.ask({ method: "GET", headers })), `401 ${word}`);
      assert.deepEqual(endpoint.calls, []);
      assert.deepEqual(endpoint.clerk.requests.filter((path) => path !== "GET /v1/jwks"), []);
    });
  }
}

Deno.test("without a token the answer is 401 missing_token", async () => {
  await using endpoint = startEndpoint();
  const schemes = ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", await TOKENS.sign(SESSION)];
  for (const authorization of schemes) {
    const reply = await endpoint.ask({ body: {}, headers: { authorization } });
    assert.equal(said(reply), "401 missing_token", authorization);
  }
  assert.equal(said(await endpoint.ask({ body: {} })), "401 missing_token");
});

Deno.test("with CLERK_AUTHORIZED_PARTIES a token must be made for one of these origins", async () => {
  const env = { CLERK_AUTHORIZED_PARTIES: "https://app.example.com,http://localhost:3000" };
  await using endpoint = startEndpoint({ instance: oneUser(), env });
  const sync = (azp?: string) => endpoint.sync({ ...SESSION, ...(azp && { azp }) });
  assert.equal(await sync("http://localhost:3000"), "200 in_sync");
  assert.equal(await sync("https://evil.example.com"), "401 invalid_token");
  assert.equal(await sync(), "401 invalid_token");
});

Deno.test("with CLERK_ISSUER a token must be of one of these addresses, else 401 wrong_instance", async () => {
  const env = { CLERK_ISSUER: `https://clerk.example.com, ${TOKENS.issuer}` };
  await using endpoint = startEndpoint({ instance: oneUser(), env });
  const sync = (iss: string) => endpoint.sync({ ...SESSION, claims: { iss } });
  assert.equal(await sync(TOKENS.issuer), "200 in_sync");
  assert.equal(await sync("https://clerk.example.com"), "200 in_sync");
  assert.equal(await sync(`${TOKENS.issuer}/`), "401 wrong_instance");
  assert.equal(await sync("https://clerk.evil.example"), "401 wrong_instance");
});

Deno.test("a token for Supabase's own audience is as good as one for none", async () => {
  await using endpoint = startEndpoint({ instance: oneUser() });
  for (const aud of ["authenticated", ["hasura", "authenticated"]]) {
    assert.equal(await endpoint.sync({ ...SESSION, claims: { aud } }), "200 in_sync");
  }
});

Deno.test("the scheme's name may be written in any case", async () => {
  await using endpoint = startEndpoint({ instance: oneUser() });
  const { authorization = "" } = await signedIn(SESSION);
  const headers = { authorization: authorization.replace("Bearer", "bearer") };
  assert.equal(said(await endpoint.ask({ body: {}, headers })), "200 in_sync");
});
