import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import { deepEqual, equal, match } from "node:assert/strict";
import {
  clerkIssuer,
  createCheckToken,
  issuersOf,
  localIssuer,
} from "../../scripts/stack/check_token.ts";
import {
  createSessionTokens,
  createSigningKey,
  type Session,
} from "../../scripts/token/session_tokens.ts";
import { encode, signedBySecret, unsigned, withClaims } from "../support/forged_token.ts";

const ISSUER = "https://example-1.clerk.accounts.dev";
const SECRET = "a secret of sufficient length for HS256";
const key = await createSigningKey();
const tokens = await createSessionTokens({ issuer: ISSUER, key, kid: "ins_1" });
const stranger = await createSigningKey();
const { kty, n, e } = stranger;
const forger = await createSessionTokens({ issuer: ISSUER, key: stranger, kid: "ins_1" });
// The key does not say what it is for: what else it could sign is for the check to refuse.
const [{ alg: _, ...publicKey }] = tokens.jwks.keys as [JWK];
const check = createCheckToken(SECRET, [localIssuer({ ...tokens, jwks: { keys: [publicKey] } })]);

const SESSION: Session = { sub: "user_1", orgId: "org_1", orgRole: "org:admin" };
const CLAIMS = decodeJwt(await tokens.sign(SESSION));

for (const version of [1, 2] as const) {
  Deno.test(`a session token of version ${version} comes back under the stack's secret, every byte of its claims as it was`, async () => {
    const token = await tokens.sign({ ...SESSION, version });
    const signed = await valid(token);
    equal(decodeProtectedHeader(signed).alg, "HS256");
    equal(signed.split(".")[1], token.split(".")[1]);
    deepEqual(await check(signed), { kind: "valid", token: signed });
  });
}

Deno.test("a token of the stack's own secret stays as it is, whatever its role", async () => {
  const token = await signedBySecret({ role: "service_role" }, SECRET);
  equal(await valid(token), token);
});

Deno.test("a role that is told elsewhere than in the claim `role` changes nothing", async () => {
  const claims = { app_metadata: { role: "service_role" }, user_role: "service_role" };
  const signed = await valid(await tokens.sign({ ...SESSION, claims }));
  equal(decodeJwt(signed).role, "authenticated");
});

for (const role of ["service_role", "anon", "postgres", undefined]) {
  Deno.test(`a session token has the role that it names, ${role}: the database decides whether there is one`, async () => {
    const signed = await valid(await tokens.sign({ ...SESSION, claims: { role } }));
    equal(decodeJwt(signed).role, role);
  });
}

for (const role of [["authenticated"], { role: "authenticated" }, null, true, 1]) {
  Deno.test(`what is no word is the name of a role that does not exist: ${JSON.stringify(role)}`, async () => {
    const signed = await valid(await tokens.sign({ ...SESSION, claims: { role } }));
    equal(decodeJwt(signed).role, JSON.stringify(role));
  });
}

const now = Math.floor(Date.now() / 1000);
const OUT_OF_TIME: [what: string, session: Session, message: string][] = [
  ["is over for more than 30 s", { sub: "user_1", expiresIn: -600 }, "JWT expired"],
  ["is not valid for a minute", { sub: "user_1", claims: { nbf: now + 600 } }, "JWT not yet valid"],
  ["ends in words", { sub: "user_1", claims: { exp: "later" } }, "JWT claims validation failed"],
];
for (const [what, session, message] of OUT_OF_TIME) {
  Deno.test(`a session token is refused that ${what}`, async () => {
    deepEqual(await refused(await tokens.sign(session)), ["PGRST303", message]);
  });
}

const IN_TIME: [what: string, session: Session][] = [
  ["is just over", { ...SESSION, expiresIn: -5 }],
  ["is valid in a moment", { ...SESSION, claims: { nbf: now + 20, iat: now + 20 } }],
  ["never ends", { ...SESSION, claims: { exp: undefined } }],
];
for (const [what, session] of IN_TIME) {
  Deno.test(`a token passes that ${what}, and nothing but its times is changed`, async () => {
    const token = await tokens.sign(session);
    const signed = await valid(token);
    // As lite checks it, to the second.
    const secret = new TextEncoder().encode(SECRET);
    const { payload } = await jwtVerify(signed, secret, { algorithms: ["HS256"] });
    const times = { exp: 0, nbf: 0, iat: 0 };
    deepEqual({ ...payload, ...times }, { ...decodeJwt(token), ...times });
    // A token of the stack's own secret passes as long.
    await valid(await signedBySecret(decodeJwt(token), SECRET));
  });
}

const FORGED: [what: string, token: () => Promise<string>][] = [
  ["another key signed under the same name", () => forger.sign(SESSION)],
  ["another issuer", () => tokens.sign({ ...SESSION, claims: { iss: "https://evil.example" } })],
  ["no issuer", () => tokens.sign({ ...SESSION, claims: { iss: undefined } })],
  [
    "an issuer that begins alike",
    () => tokens.sign({ ...SESSION, claims: { iss: `${ISSUER}.evil.example` } }),
  ],
  ["a list of issuers", () => tokens.sign({ ...SESSION, claims: { iss: [ISSUER] } })],
  ["nobody signed", () => Promise.resolve(unsigned("none", CLAIMS))],
  ["nobody signed, in capitals", () => Promise.resolve(unsigned("NONE", CLAIMS))],
  ["the public key signed as a secret (PEM)", () => signedBySecret(CLAIMS, tokens.pem)],
  [
    "the public key signed as a secret (JWK)",
    () => signedBySecret(CLAIMS, tokens.jwks.keys[0]!.n!),
  ],
  ["an empty secret signed", () => signedBySecret(CLAIMS, "\0")],
  ["the right key signed with another algorithm (PS256)", () => rsa("PS256")],
  ["the right key signed with another algorithm (RS512)", () => rsa("RS512")],
  ["names a key that nobody published", () => rsa("RS256", { kid: "ins_2" })],
  ["brings its own key", () => rsa("RS256", { jwk: { kty, n, e } as JWK }, stranger)],
  ["says where its key is", () => rsa("RS256", { jku: "http://127.0.0.1:9/jwks.json" }, stranger)],
  [
    "was changed afterwards",
    async () => withClaims(await tokens.sign(SESSION), { ...CLAIMS, sub: "user_2" }),
  ],
  ["holds no object", () => rsaOf("[]")],
  ["holds no JSON", () => rsaOf("authenticated")],
];
for (const [what, token] of FORGED) {
  Deno.test(`a token is refused: ${what}`, async () => {
    const [code, message] = await refused(await token());
    deepEqual([code, message], ["PGRST301", "No suitable key or wrong key type"]);
  });
}

for (const [token, parts] of [["nonsense", 1], ["a.b", 2], ["a..b", 2], ["a.b.c.d", 4]] as const) {
  Deno.test(`'${token}' is no token`, async () => {
    const message = `Expected 3 parts in JWT; got ${parts}`;
    deepEqual(await refused(token), ["PGRST301", message]);
  });
}

Deno.test("a refusal does not repeat the token", async () => {
  const verdict = JSON.stringify(await check(await forger.sign({ sub: "user_secret" })));
  equal(/user_secret|eyJ/.test(verdict), false);
  match(verdict, /PGRST301/);
});

async function valid(token: string): Promise<string> {
  const verdict = await check(token);
  if (verdict.kind !== "valid") throw new Error(JSON.stringify(verdict));
  return verdict.token;
}

async function refused(token: string): Promise<[code: string, message: string]> {
  const verdict = await check(token);
  if (verdict.kind !== "invalid") throw new Error(JSON.stringify(verdict));
  return [verdict.problem.code, verdict.problem.message];
}

async function rsa(alg: string, header = {}, jwk = key): Promise<string> {
  return await new SignJWT(CLAIMS)
    .setProtectedHeader({ alg, kid: "ins_1", ...header })
    .sign(await importJWK(jwk, alg));
}

/** The right key under a payload that is no set of claims. */
async function rsaOf(payload: string): Promise<string> {
  const signed = `${encode({ alg: "RS256", kid: "ins_1" })}.${btoa(payload).replaceAll("=", "")}`;
  const bytes = new TextEncoder().encode(signed);
  const privateKey = await importJWK(key, "RS256") as CryptoKey;
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, bytes);
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

const DOMAIN = "example-1.clerk.accounts.dev";
const clerk = await createSessionTokens({ issuer: `https://${DOMAIN}`, key });
const local = await createSessionTokens({ issuer: "http://127.0.0.1:1", key });

Deno.test("the keys of a Clerk instance are fetched once, with the first token", async () => {
  await using site = serveJwks(() => Response.json(clerk.jwks));
  equal(site.requests(), 0);
  for (let i = 0; i < 3; i++) {
    equal((await site.check(await clerk.sign({ sub: "user_1" }))).kind, "valid");
  }
  equal(site.requests(), 1);
});

Deno.test("a token that names a key which the instance has not is refused", async () => {
  await using site = serveJwks(() => Response.json(clerk.jwks));
  const rotated = { issuer: clerk.issuer, key: await createSigningKey() };
  const token = await (await createSessionTokens(rotated)).sign({ sub: "user_1" });
  equal((await site.check(token)).kind, "invalid");
});

Deno.test("while the keys can't be fetched, tokens are neither valid nor invalid", async () => {
  await using site = serveJwks(() => new Response(null, { status: 500 }));
  deepEqual(await site.check(await clerk.sign({ sub: "user_1" })), {
    kind: "unavailable",
    message: `the keys of https://${DOMAIN} can't be fetched`,
  });
});

Deno.test("no key is fetched for a token of another issuer", async () => {
  await using site = serveJwks(() => Response.json(clerk.jwks));
  equal((await site.check(await local.sign({ sub: "user_1" }))).kind, "invalid");
  equal(site.requests(), 0);
});

Deno.test("a stack accepts its own issuer, and a Clerk instance once there is one", () => {
  deepEqual(issuersOf(local, null).map(({ iss }) => iss), [local.issuer]);
  deepEqual(issuersOf(local, DOMAIN).map(({ iss }) => iss), [local.issuer, clerk.issuer]);
});

/** A Clerk instance that answers so when it is asked for its keys, and the check of a stack that goes by it. */
function serveJwks(answer: () => Response) {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    requests++;
    return answer();
  });
  const url = new URL(`http://127.0.0.1:${server.addr.port}/.well-known/jwks.json`);
  return {
    check: createCheckToken("secret", [clerkIssuer(DOMAIN, url)]),
    requests: () => requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
