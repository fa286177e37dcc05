import assert from "node:assert/strict";
import type { Session } from "../../../scripts/token/session_tokens.ts";
import { WorldInstance } from "../../clerk_api/world_instance.ts";
import { emptyDatabase, row } from "../../support/fake_database.ts";
import {
  type Endpoint,
  PUBLISHABLE_KEY,
  SECRET_KEY,
  signedIn,
  startEndpoint,
  TOKENS,
  usersOf,
} from "../../support/sync_endpoint.ts";

const SESSION: Session = { sub: "user_1", orgId: "org_1", orgRole: "org:admin" };

/** One user in one organization. */
function small(): WorldInstance {
  const instance = usersOf();
  instance.addUser({ id: SESSION.sub, first_name: "Ada", last_name: "Lovelace" });
  instance.addOrganization({ id: "org_1", created_by: SESSION.sub, name: "Analytical Engines" });
  return instance;
}

/** The lines of level info and above. */
function linesOf({ lines }: Endpoint): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line)).filter(({ level }) => level !== "debug");
}

Deno.test("a sync is one line: status, word, who, of whom, how many differences and how long", async () => {
  const database = emptyDatabase({ sync_compare_users: [row("user_1", "stale", ["email"])] });
  await using endpoint = startEndpoint({ instance: small(), database });
  await endpoint.sync(SESSION, { clerkUserId: "user_1" });
  const [{ time, ms, ...line } = {}, ...more] = linesOf(endpoint);
  assert.deepEqual(more, []);
  assert.deepEqual([typeof time, typeof ms], ["string", "number"]);
  assert.deepEqual(line, {
    level: "info",
    message: "sync",
    status: 200,
    outcome: "applied",
    differences: 1,
    caller: "user_1",
    clerk_user_id: "user_1",
    clerk_organization_id: null,
  });
});

Deno.test("a check is one line, which says whether the copy is in sync", async () => {
  await using endpoint = startEndpoint({ instance: small() });
  await endpoint.check(null, { clerkUserId: "user_1" });
  const [line] = linesOf(endpoint);
  assert.partialDeepStrictEqual(line, { status: 200, in_sync: true, caller: "secret" });
});

Deno.test("a refusal is one line of level warn, which says why", async () => {
  await using endpoint = startEndpoint({ instance: small() });
  await endpoint.sync({ ...SESSION, expiresIn: -10 });
  await endpoint.sync(SESSION, { clerkUserId: "user_2" });
  assert.partialDeepStrictEqual(linesOf(endpoint), [
    { level: "warn", status: 401, error: "expired_token", reason: "token-expired" },
    { level: "warn", status: 403, error: "forbidden", caller: "user_1", clerk_user_id: "user_2" },
  ]);
});

Deno.test("a failure is one line of level error, which says whose", async () => {
  await using endpoint = startEndpoint({ instance: small() });
  const isUser = (path: string) => path.endsWith("_1");
  endpoint.clerk.faults.next(1, { kind: "server_error", status: 500 }, isUser);
  await endpoint.sync(SESSION);
  assert.partialDeepStrictEqual(linesOf(endpoint), [{
    level: "error",
    status: 503,
    error: "clerk_unavailable",
    reason: "Clerk: unavailable (500, no code)",
    caller: "user_1",
  }]);
});

Deno.test("an error that nobody expects is answered 503 unavailable, and its message kept back", async () => {
  const database = emptyDatabase();
  database.callRpc = () => {
    throw new TypeError("ada@example.com is not a function");
  };
  await using endpoint = startEndpoint({ instance: small(), database });
  assert.equal(await endpoint.sync(SESSION), "503 unavailable");
  assert.partialDeepStrictEqual(linesOf(endpoint), [{ error_code: "TypeError" }]);
  assert.doesNotMatch(endpoint.lines.join(), /ada@/);
});

Deno.test("neither lines nor answers hold a token, a key, an email address or a name, whatever happens", async () => {
  const database = emptyDatabase({
    sync_compare_users: [row("user_1", "stale", ["email", "full_name"])],
    sync_compare_memberships: [row("orgmem_1", "missing")],
  });
  await using endpoint = startEndpoint({ instance: small(), database });
  const { authorization = "" } = await signedIn(SESSION);
  const token = authorization.replace("Bearer ", "");
  const [head = "", payload = "", signature = ""] = token.split(".");
  const expired = await TOKENS.sign({ ...SESSION, expiresIn: -10 });
  const forged = `${head}.${payload}.${signature.slice(4)}`;
  const tokens = [token, expired, forged, `${token}x`, "ada@b.c"];
  const credentials = [
    ...tokens.map((one) => ({ authorization: `Bearer ${one}` })),
    { apikey: SECRET_KEY },
    { apikey: PUBLISHABLE_KEY },
    { apikey: "sb_secret_ada@example.com" },
  ];
  const ada = "ada@example.com";
  const asked = [{ clerkUserId: "user_1" }, { clerkOrganizationId: "org_1" }];
  const bodies = [{}, { clerkUserId: ada }, ...asked, ada, { [ada]: 1 }];
  const answers: unknown[] = [];
  for (const fault of [null, "html", "broken_json"] as const) {
    if (fault) endpoint.clerk.faults.always({ kind: fault });
    for (const headers of credentials as Record<string, string>[]) {
      for (const body of bodies) answers.push((await endpoint.ask({ body, headers })).body);
    }
  }
  const keys = [SECRET_KEY, PUBLISHABLE_KEY, endpoint.clerk.secretKey, "eyJ", "sk_test", "sb_"];
  const forbidden = [...tokens, payload, ...keys, "@", "Ada", "Lovelace", "Analytical"];
  const told = [...endpoint.lines, ...answers.map((answer) => JSON.stringify(answer))];
  assert.ok(told.length > 200);
  for (const text of forbidden) assert.equal(told.find((line) => line.includes(text)), undefined);
});
