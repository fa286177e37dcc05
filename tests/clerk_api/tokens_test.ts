import { verifyToken } from "@clerk/backend";
import { decodeJwt } from "jose";
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
  assert.deepEqual([org_id, org_role, org_slug], ["org_1", "org:admin", "acme"]);
  assert.deepEqual([o, v], [undefined, undefined]);
});

Deno.test("the published key has no private part", () => {
  const names = Object.keys(tokens.jwks.keys[0]!).sort();
  assert.deepEqual(names, ["alg", "e", "kid", "kty", "n", "use"]);
});
