import { decodeJwt } from "jose";
import assert from "node:assert/strict";
import { createSessionTokens, createSigningKey } from "../../scripts/token/session_tokens.ts";
import { unsigned, withClaims } from "../support/forged_token.ts";
import { appOf, appWith, codeOf, dataOf, found, signUp, TOKENS } from "../support/app.ts";

const ada = await signUp("Ada");
const engines = await found("Engines", ada);
const SESSION = { sub: ada, orgId: engines, orgRole: "org:admin" };
const token = await TOKENS.sign(SESSION);
const claims = decodeJwt(token);
const service = { ...claims, role: "service_role" };
const forger = await createSessionTokens({
  issuer: TOKENS.issuer,
  key: await createSigningKey(),
  kid: TOKENS.kid,
});
const withRole = (role: string | undefined) => () => TOKENS.sign({ ...SESSION, claims: { role } });

Deno.test("the token that the forged ones below are made from is good", async () => {
  assert.equal((await dataOf(appWith(token).from("users").select("id"))).length, 1);
});

/** What the stack's own check of tokens refuses in all is in tests/stack. */
const REFUSED: [what: string, code: string, token: () => string | Promise<string>][] = [
  ["an expired token", "PGRST303", () => TOKENS.sign({ ...SESSION, expiresIn: -600 })],
  ["a token of another key", "PGRST301", () => forger.sign(SESSION)],
  ["a token that nobody signed", "PGRST301", () => unsigned("none", service)],
  ["a token with another's claims", "PGRST301", () => withClaims(token, service)],
  ["a token without a role", "42501", withRole(undefined)],
  ["a token with the role of the database's owner", "42501", withRole("postgres")],
];
for (const [what, code, make] of REFUSED) {
  Deno.test(`${what} reads nothing, calls nothing and changes nothing`, async () => {
    const app = appWith(await make());
    assert.equal(await codeOf(app.from("users").select("id")), code);
    assert.equal(await codeOf(app.rpc("my_user")), code);
    assert.equal(await codeOf(app.rpc("delete_org", { p_external_id: engines })), code);
    const change = app.from("organizations").update({ plan: "pro" }).eq("external_id", engines);
    assert.equal(await codeOf(change), code);
  });
}

Deno.test("a token of Clerk's that names service_role is a backend's: it sees everything and calls every RPC", async () => {
  const otto = await signUp("Otto");
  const app = appOf({ ...SESSION, claims: { role: "service_role" } });
  const seen = app.from("users").select("external_id").in("external_id", [ada, otto]);
  assert.equal((await dataOf(seen)).length, 2);
  assert.equal(await dataOf(app.rpc("delete_user", { p_external_id: otto })), "applied");
});

Deno.test("a filter, a count and an embedding show no more than the rows", async () => {
  const otto = await signUp("Otto");
  const looms = await found("Looms", otto);
  const app = appOf(SESSION);
  const filtered = app.from("users").select("id", { count: "exact" })
    .or(`external_id.eq.${otto},deleted_at.not.is.null,id.not.is.null`);
  const { data, count } = await filtered;
  assert.deepEqual([data?.length, count], [1, 1]);
  const embedded = await dataOf(
    app.from("organization_members").select("id, organizations!inner(id), users!inner(id)")
      .eq("organizations.external_id", looms),
  );
  assert.deepEqual(embedded, []);
  const { count: hidden } = await app.from("organizations")
    .select("id", { count: "exact", head: true }).eq("external_id", looms);
  assert.equal(hidden, 0);
});

Deno.test("an error tells of no row that is not the caller's", async () => {
  const otto = await signUp("Otto");
  const looms = await found("Looms", otto);
  const app = appOf(SESSION);
  const theirs = (await dataOf(appOf({ sub: otto }).rpc("my_organizations")))[0]!.id;
  const answers = await Promise.all([
    app.from("organizations").update({ timezone: "UTC" }).eq("id", theirs).select().single(),
    app.from("organizations").select().eq("external_id", looms).single(),
    app.from("organizations").insert({ id: theirs, external_id: looms, name: "x" }),
    app.from("users").upsert({ external_id: otto, email: "" }, { onConflict: "external_id" }),
    app.rpc("is_admin_of", { p_organization_id: `${theirs}x` }),
  ]);
  for (const { error } of answers) {
    assert.ok(error);
    const { message, details, hint } = error;
    assert.doesNotMatch(`${message} ${details} ${hint}`, /Looms|Otto|example\.com/);
  }
});
