import assert from "node:assert/strict";
import { ask } from "./ask.ts";
import { createRateLimit } from "./rate_limit.ts";
import { startClerkApi } from "./server.ts";
import { WorldInstance } from "./world_instance.ts";

const instance = new WorldInstance();

Deno.test("a fault strikes so many of the requests that match, and then no more", async () => {
  await using api = startClerkApi({ instance });
  const isUsers = (path: string) => path === "/v1/users";
  api.faults.next(2, { kind: "server_error", status: 503 }, isUsers);
  const statuses = [];
  for (const path of ["/v1/users", "/v1/organizations", "/v1/users", "/v1/users"]) {
    statuses.push((await ask(api, path)).status);
  }
  assert.deepEqual(statuses, [503, 200, 503, 200]);
});

Deno.test("a fault can strike one page of a list, until it is taken away", async () => {
  await using api = startClerkApi({ instance });
  const isSecondPage = (_: string, query: URLSearchParams) => query.get("offset") === "10";
  api.faults.always({ kind: "server_error", status: 500 }, isSecondPage);
  assert.equal((await ask(api, "/v1/users?offset=10")).status, 500);
  assert.equal((await ask(api, "/v1/users")).status, 200);
  assert.equal((await ask(api, "/v1/users?offset=10")).status, 500);
  api.faults.clear();
  assert.equal((await ask(api, "/v1/users?offset=10")).status, 200);
});

Deno.test("429 says in seconds when to come again, or does not", async () => {
  await using api = startClerkApi({ instance });
  api.faults.next(1, { kind: "rate_limited", retryAfterSeconds: 7 });
  api.faults.next(1, { kind: "rate_limited", retryAfterSeconds: null });
  const [first, second] = [await ask(api, "/v1/users"), await ask(api, "/v1/users")];
  assert.deepEqual([first.status, first.headers.get("Retry-After")], [429, "7"]);
  assert.deepEqual([second.status, second.headers.get("Retry-After")], [429, null]);
});

Deno.test("an error of the server is a page in HTML", async () => {
  await using api = startClerkApi({ instance });
  api.faults.next(1, { kind: "server_error", status: 502 });
  const { headers, body } = await ask(api, "/v1/users");
  assert.match(headers.get("Content-Type")!, /^text\/html/);
  assert.match(String(body), /^<!doctype html>/);
});

Deno.test("garbage comes with 200", async () => {
  await using api = startClerkApi({ instance });
  api.faults.next(1, { kind: "html" });
  assert.equal((await ask(api, "/v1/users")).status, 200);
  api.faults.next(1, { kind: "other_json", body: { ok: true } });
  assert.deepEqual((await ask(api, "/v1/users")).body, { ok: true });
  api.faults.next(1, { kind: "broken_json" });
  await assert.rejects(ask(api, "/v1/users"), SyntaxError);
});

Deno.test("an answer that is cut off ends in an error of the connection", async () => {
  await using api = startClerkApi({ instance });
  api.faults.next(1, { kind: "cut_off" });
  await assert.rejects(ask(api, "/v1/users"), TypeError);
});

Deno.test("a slow answer is the right one in the end", async () => {
  await using api = startClerkApi({ instance });
  api.faults.next(1, { kind: "slow", ms: 60 });
  const startedAt = performance.now();
  assert.deepEqual((await ask(api, "/v1/users")).body, []);
  assert.ok(performance.now() - startedAt >= 59);
});

Deno.test("a request that hangs ends with the server, and keeps no other waiting", async () => {
  const api = startClerkApi({ instance });
  api.faults.next(1, { kind: "hang" });
  const hanging = ask(api, "/v1/instance").catch((error: unknown) => error);
  while (api.requests.length === 0) await new Promise((wake) => setTimeout(wake, 5));
  assert.equal((await ask(api, "/v1/users")).status, 200);
  await api[Symbol.asyncDispose]();
  assert.ok(await hanging instanceof TypeError);
});

Deno.test("a rate limit refuses what is too much for its window", async () => {
  await using api = startClerkApi({ instance, rateLimit: { requests: 2, windowMs: 60_000 } });
  const statuses = [];
  for (let count = 0; count < 3; count++) statuses.push((await ask(api, "/v1/users")).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  assert.match((await ask(api, "/v1/users")).headers.get("Retry-After")!, /^(59|60)$/);
});

Deno.test("a rate limit says how long its window still lasts, and opens with the next", () => {
  let now = 1_000_000;
  const wait = createRateLimit({ requests: 1, windowMs: 10_000 }, () => now);
  assert.equal(wait(), null);
  now += 2_500;
  assert.equal(wait(), 8);
  now += 7_500;
  assert.equal(wait(), null);
});
