import { verifyToken } from "@clerk/backend";
import { decodeJwt } from "jose";
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { withClerkKey } from "../../scripts/stack/env_file.ts";
import { loadKeys } from "../../scripts/stack/keys.ts";
import { type Session, stackTokens } from "../../scripts/token/session_tokens.ts";
import { start, temporaryProject } from "./project.ts";

const SESSION: Session = { sub: "user_1", orgId: "org_1", orgRole: "org:admin", orgSlug: "ä/€" };

Deno.test("a stack in Clerk's place", async (test) => {
  using project = temporaryProject();
  await using stack = await start(project);
  const { env } = stack;
  const tokens = await stackTokens(env);
  const rpc = async (name: string, authorization: string, apikey = env.PUBLISHABLE_KEY) => {
    const headers = { apikey, authorization, "content-type": "application/json" };
    const url = `${env.API_URL}/rest/v1/rpc/${name}`;
    const response = await fetch(url, { method: "POST", headers, body: "{}" });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const who = async (authorization: string, apikey?: string) =>
    (await rpc("who", authorization, apikey)).body;

  for (const version of [1, 2] as const) {
    await test.step(`shows the database the claims of a token of version ${version} as they are`, async () => {
      const token = await tokens.sign({ ...SESSION, version });
      deepEqual((await rpc("claims", `Bearer ${token}`)).body, decodeJwt(token));
    });
  }

  await test.step("calls the database as authenticated, beside whichever key", async () => {
    const token = await tokens.sign(SESSION);
    equal(await who(`Bearer ${token}`), "authenticated");
    equal(await who(`bearer ${token}`), "authenticated");
    equal(await who(`Bearer ${token}`, env.SECRET_KEY), "authenticated");
  });

  await test.step("still knows keys in the place of a token", async () => {
    equal(await who(`Bearer ${env.PUBLISHABLE_KEY}`), "anon");
    equal(await who(`Bearer ${env.SECRET_KEY}`, env.SECRET_KEY), "service_role");
  });

  await test.step("makes of a caller what the token names, service_role too, and of nobody what the key names", async () => {
    const claims = { role: "service_role" };
    const token = await tokens.sign({ sub: "user_1", claims });
    equal(await who(`Bearer ${token}`), "service_role");
    const unnamed = await tokens.sign({ sub: "user_1", claims: { role: undefined } });
    equal(await who(`Bearer ${unnamed}`), "anon");
    const ruler = await tokens.sign({ sub: "user_1", claims: { role: "postgres" } });
    const { status, body } = await rpc("who", `Bearer ${ruler}`);
    deepEqual([status, body.code], [403, "42501"]);
    // The key that counts is the one in `apikey`.
    equal(await who(`Bearer ${env.SECRET_KEY}`), "anon");
    equal(await who("Bearer sb_secret_guessed"), "anon");
  });

  await test.step("takes a `sub` of any form, a UUID and a session's too", async () => {
    const id = "2f1b1f0e-8f0a-4a4e-9d8e-0a7d3c7a9b11";
    for (const role of ["authenticated", "service_role"]) {
      for (const sub of [id, "00000000-0000-0000-0000-000000000000", "user_1", ""]) {
        const claims = { role, sub, session_id: id };
        const token = await tokens.sign({ sub: "user_1", claims });
        equal(await who(`Bearer ${token}`), role, sub);
        equal((await rpc("claims", `Bearer ${token}`)).body.sub, sub);
      }
    }
  });

  await test.step("takes a token for 30 s after its end, as PostgREST does", async () => {
    equal(await who(`Bearer ${await tokens.sign({ ...SESSION, expiresIn: -2 })}`), "authenticated");
  });

  await test.step("refuses a token as PostgREST does, and lets a page read why", async () => {
    const over = await tokens.sign({ ...SESSION, expiresIn: -600 });
    const { status, headers, body } = await rpc("who", `Bearer ${over}`);
    equal(status, 401);
    deepEqual(body, { code: "PGRST303", message: "JWT expired", details: null, hint: null });
    equal(headers.get("access-control-allow-origin"), "*");
    match(headers.get("www-authenticate") ?? "", /^Bearer error="invalid_token"/);
    equal((await rpc("who", "Bearer nonsense")).body.code, "PGRST301");
  });

  await test.step("asks for a token without a key, too", async () => {
    const token = await tokens.sign(SESSION);
    const headers = { authorization: `Bearer ${token}` };
    equal((await fetch(`${env.API_URL}/rest/v1/things`, { headers })).status, 401);
  });

  await test.step("survives a token of a megabyte", async () => {
    const token = `${"a".repeat(500_000)}.${"b".repeat(500_000)}.c`;
    // The server may also close the connection in the middle of so long a header.
    const status = await rpc("who", `Bearer ${token}`).then((answer) => answer.status, () => 400);
    equal([400, 401, 431].includes(status), true, `${status}`);
    equal(await who(`Bearer ${await tokens.sign(SESSION)}`), "authenticated");
  });

  await test.step("publishes its public key, and nothing of the private one", async () => {
    const response = await fetch(`${env.CLERK_ISSUER}/.well-known/jwks.json`);
    deepEqual(await response.json(), tokens.jwks);
    equal(response.url, `${env.API_URL}/auth/v1/.well-known/jwks.json`);
  });

  await test.step("lets its tokens through to functions that ask for a JWT, as they came", async () => {
    const call = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${env.API_URL}/functions/v1/guarded`, { headers });
      return [response.status, await response.text()];
    };
    const token = await tokens.sign(SESSION);
    deepEqual(await call(token), [200, `Bearer ${token}`]);
    equal((await call(await tokens.sign({ ...SESSION, expiresIn: -600 })))[0], 401);
  });

  await test.step("gives functions the key by which Clerk's client verifies its tokens", async () => {
    const seen = await (await fetch(`${env.API_URL}/functions/v1/echo/env`)).json();
    const { sub } = await verifyToken(await tokens.sign(SESSION), { jwtKey: seen.CLERK_JWT_KEY });
    equal(sub, "user_1");
    equal(JSON.stringify(seen).includes(env.CLERK_SIGNING_KEY), false);
  });
});

Deno.test("the file of an earlier version keeps its keys, and gets one that signs", async () => {
  const file = await Deno.makeTempFile();
  await Deno.remove(file);
  const { api, passwords } = await loadKeys(file);
  await Deno.writeTextFile(file, JSON.stringify({ ...api, passwords }));
  const made = await loadKeys(file);
  deepEqual([made.api, made.passwords], [api, passwords]);
  equal(made.clerkSigningKey.kty, "RSA");
  deepEqual(await loadKeys(file), made);
  await Deno.remove(file);
});

Deno.test("a key in the user's own environment of the functions stays, an empty one is none", () => {
  deepEqual(withClerkKey({ CLERK_JWT_KEY: "own" }, "made"), { CLERK_JWT_KEY: "own" });
  deepEqual(withClerkKey({ CLERK_JWT_KEY: "" }, "made"), { CLERK_JWT_KEY: "made" });
});

Deno.test("with a Clerk instance in config.toml, functions go on asking Clerk for its key", async () => {
  using project = temporaryProject();
  setClerkDomain(project.root, "example-1.clerk.accounts.dev");
  await using stack = await start(project);
  const seen = await (await fetch(`${stack.env.API_URL}/functions/v1/echo/env`)).json();
  equal(seen.CLERK_JWT_KEY, undefined);
});

for (
  const domain of [
    "",
    "https://example-1.clerk.accounts.dev",
    "example.com",
    "evil.dev/.clerk.accounts.dev",
  ]
) {
  Deno.test(`config.toml is refused with the Clerk domain '${domain}'`, async () => {
    using project = temporaryProject();
    setClerkDomain(project.root, domain);
    await rejects(() => start(project), /domain of \[auth\.third_party\.clerk\]/);
  });
}

function setClerkDomain(root: string, domain: string): void {
  const table = `\n[auth.third_party.clerk]\nenabled = true\ndomain = "${domain}"\n`;
  Deno.writeTextFileSync(join(root, "supabase", "config.toml"), table, { append: true });
}
