import { verifyToken } from "@clerk/backend";
import { decodeJwt, decodeProtectedHeader } from "jose";
import assert from "node:assert/strict";
import { startClerkApi } from "./server.ts";
import { createSessionTokens, createSigningKey } from "../../scripts/token/session_tokens.ts";
import { WorldInstance } from "./world_instance.ts";

const ISSUER = "https://example-1.clerk.accounts.dev";
const key = await createSigningKey();
const tokens = await createSessionTokens({ issuer: ISSUER, key, kid: "ins_test" });

const SESSION = {
  sub: "user_1",
  orgId: "org_1",
  orgRole: "org:admin",
  orgSlug: "acme",
  sid: "sess_1",
  azp: "http://localhost:3000",
} as const;

for (const version of [1, 2] as const) {
  Deno.test(`Clerk's client verifies a token of version ${version} by the PEM and by the JWKS`, async () => {
    await using api = startClerkApi({ instance: new WorldInstance(), jwks: tokens.jwks });
    const token = await tokens.sign({ ...SESSION, version });
    const { sub } = await verifyToken(token, { jwtKey: tokens.pem });
    assert.equal(sub, "user_1");
    const { secretKey, url: apiUrl } = api;
    assert.equal((await verifyToken(token, { secretKey, apiUrl })).sub, "user_1");
    assert.deepEqual(api.requests, ["GET /v1/jwks"]);
  });
}

Deno.test("Clerk's client is told by /v1/jwks that the secret key is wrong", async () => {
  await using api = startClerkApi({ instance: new WorldInstance(), jwks: tokens.jwks });
  const options = { secretKey: "sk_test_wrong", apiUrl: api.url };
  const verification = verifyToken(await tokens.sign(SESSION), options);
  await assert.rejects(verification, { reason: "secret-key-invalid" });
});

Deno.test("a token of version 2 names the organization in `o`, without `org:` before the role", async () => {
  const claims = decodeJwt(await tokens.sign(SESSION));
  const { iat, nbf, exp, jti, ...rest } = claims;
  assert.deepEqual(rest, {
    iss: ISSUER,
    sub: "user_1",
    sid: "sess_1",
    role: "authenticated",
    fva: [0, -1],
    azp: "http://localhost:3000",
    v: 2,
    sts: "active",
    o: { id: "org_1", rol: "admin", slg: "acme" },
  });
  assert.deepEqual([exp! - iat!, iat! - nbf!, typeof jti], [60, 10, "string"]);
});

Deno.test("a token of version 1 names the organization in org_id, org_role and org_slug", async () => {
  const claims = decodeJwt(await tokens.sign({ ...SESSION, version: 1 }));
  const { org_id, org_role, org_slug, o, v } = claims;
  assert.deepEqual([org_id, org_role, org_slug, o, v], [
    "org_1",
    "org:admin",
    "acme",
    undefined,
    undefined,
  ]);
});

Deno.test("without an active organization a token says nothing of any", async () => {
  for (const version of [1, 2] as const) {
    const claims = decodeJwt(await tokens.sign({ sub: "user_1", version }));
    assert.deepEqual([claims.o, claims.org_id, claims.org_role], [undefined, undefined, undefined]);
  }
});

Deno.test("a token's header has the key's id and the type", async () => {
  const header = decodeProtectedHeader(await tokens.sign(SESSION));
  assert.deepEqual(header, { alg: "RS256", kid: "ins_test", typ: "JWT" });
});

Deno.test("Clerk's client refuses a token that is over, of another app or of another key", async () => {
  const options = { jwtKey: tokens.pem, authorizedParties: ["http://localhost:3000"] };
  const over = verifyToken(await tokens.sign({ ...SESSION, expiresIn: -30 }), options);
  await assert.rejects(over, { reason: "token-expired" });
  const other = verifyToken(await tokens.sign({ ...SESSION, azp: "http://evil" }), options);
  await assert.rejects(other, { reason: "token-invalid-authorized-parties" });
  const forger = await createSessionTokens({ issuer: ISSUER, key: await createSigningKey() });
  const forged = verifyToken(await forger.sign(SESSION), options);
  await assert.rejects(forged, { reason: "token-invalid-signature" });
});

Deno.test("a kept key signs what was published before", async () => {
  const kept = JSON.parse(JSON.stringify(key));
  const later = await createSessionTokens({ issuer: ISSUER, key: kept, kid: "ins_test" });
  assert.deepEqual(later.jwks, tokens.jwks);
  assert.equal(
    (await verifyToken(await later.sign(SESSION), { jwtKey: tokens.pem })).sub,
    "user_1",
  );
});

Deno.test("the published key has no private part", () => {
  assert.deepEqual(Object.keys(tokens.jwks.keys[0]!).sort(), [
    "alg",
    "e",
    "kid",
    "kty",
    "n",
    "use",
  ]);
});
