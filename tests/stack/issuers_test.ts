import { deepEqual, equal } from "node:assert/strict";
import { createCheckToken } from "../../scripts/stack/check_token.ts";
import { clerkIssuer, issuersOf } from "../../scripts/stack/issuers.ts";
import { createSessionTokens, createSigningKey } from "../../scripts/token/session_tokens.ts";

const DOMAIN = "example-1.clerk.accounts.dev";
const key = await createSigningKey();
const clerk = await createSessionTokens({ issuer: `https://${DOMAIN}`, key });
const local = await createSessionTokens({ issuer: "http://127.0.0.1:1", key });

Deno.test("the keys of a Clerk instance are fetched once, with the first token", async () => {
  await using site = serveJwks(() => Response.json(clerk.jwks));
  const check = createCheckToken("secret", [clerkIssuer(DOMAIN, site.url)]);
  equal(site.requests(), 0);
  for (let i = 0; i < 3; i++) {
    equal((await check(await clerk.sign({ sub: "user_1" }))).kind, "valid");
  }
  equal(site.requests(), 1);
});

Deno.test("a token that names a key which the instance has not is refused", async () => {
  await using site = serveJwks(() => Response.json(clerk.jwks));
  const check = createCheckToken("secret", [clerkIssuer(DOMAIN, site.url)]);
  const rotated = { issuer: clerk.issuer, key: await createSigningKey() };
  const token = await (await createSessionTokens(rotated)).sign({ sub: "user_1" });
  equal((await check(token)).kind, "invalid");
});

Deno.test("while the keys can't be fetched, tokens are neither valid nor invalid", async () => {
  await using site = serveJwks(() => new Response(null, { status: 500 }));
  const check = createCheckToken("secret", [clerkIssuer(DOMAIN, site.url)]);
  deepEqual(await check(await clerk.sign({ sub: "user_1" })), {
    kind: "unavailable",
    message: `the keys of https://${DOMAIN} can't be fetched`,
  });
});

Deno.test("no key is fetched for a token of another issuer", async () => {
  await using site = serveJwks(() => Response.json(clerk.jwks));
  const check = createCheckToken("secret", [clerkIssuer(DOMAIN, site.url)]);
  equal((await check(await local.sign({ sub: "user_1" }))).kind, "invalid");
  equal(site.requests(), 0);
});

Deno.test("a stack accepts its own issuer, and a Clerk instance once there is one", () => {
  deepEqual(issuersOf(local, null).map(({ iss }) => iss), [local.issuer]);
  deepEqual(issuersOf(local, DOMAIN).map(({ iss }) => iss), [local.issuer, clerk.issuer]);
});

function serveJwks(answer: () => Response): AsyncDisposable & { url: URL; requests(): number } {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    requests++;
    return answer();
  });
  return {
    url: new URL(`http://127.0.0.1:${server.addr.port}/.well-known/jwks.json`),
    requests: () => requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
