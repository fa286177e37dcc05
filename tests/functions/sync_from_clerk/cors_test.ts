import assert from "node:assert/strict";
import { said, SECRET_KEY, startEndpoint, URL_HERE } from "./endpoint.ts";

const OURS = "https://app.example.com";
const ORIGINS = { SYNC_ALLOWED_ORIGINS: `http://localhost:3000, ${OURS}` };

function preflight(origin: string): Request {
  const headers = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,apikey,content-type,x-client-info",
  };
  return new Request(URL_HERE, { method: "OPTIONS", headers });
}

function corsOf(headers: Headers): string[] {
  return [...headers.keys()].filter((name) => name.startsWith("access-control-")).sort();
}

Deno.test("a page of an allowed origin may send what supabase-js sends", async () => {
  await using endpoint = startEndpoint({ env: ORIGINS });
  for (const origin of [OURS, "http://localhost:3000"]) {
    const { status, headers } = await endpoint.handle(preflight(origin));
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), origin);
    assert.equal(headers.get("access-control-allow-methods"), "GET, POST");
    assert.equal(headers.get("vary"), "origin");
    const allowed = headers.get("access-control-allow-headers")?.split(", ") ?? [];
    for (const name of ["authorization", "apikey", "content-type", "x-client-info"]) {
      assert.ok(allowed.includes(name), name);
    }
    assert.equal(headers.get("access-control-allow-credentials"), null);
  }
});

Deno.test("a page of another origin gets no header", async () => {
  await using endpoint = startEndpoint({ env: ORIGINS });
  const others = [
    "https://evil.example.com",
    "https://app.example.com.evil.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "http://localhost",
    "null",
    "*",
  ];
  for (const origin of others) {
    const { headers } = await endpoint.handle(preflight(origin));
    assert.deepEqual(corsOf(headers), [], origin);
    const reply = await endpoint.ask({ headers: { origin, apikey: SECRET_KEY } });
    assert.deepEqual(corsOf(reply.headers), [], origin);
    assert.equal(reply.headers.get("vary"), "origin");
  }
});

Deno.test("without SYNC_ALLOWED_ORIGINS no page gets a header", async () => {
  await using endpoint = startEndpoint();
  for (const origin of [OURS, "http://localhost:3000", "null"]) {
    assert.deepEqual(corsOf((await endpoint.handle(preflight(origin))).headers), []);
  }
});

Deno.test("a page of an allowed origin may read every answer, and when to come back", async () => {
  await using endpoint = startEndpoint({ env: ORIGINS });
  const answers: [string, Record<string, string>, string][] = [
    ["POST", {}, "401 missing_token"],
    ["POST", { apikey: SECRET_KEY }, "400 invalid_request"],
    ["DELETE", {}, "405 method_not_allowed"],
  ];
  for (const [method, more, expected] of answers) {
    const reply = await endpoint.ask({ method, headers: { origin: OURS, ...more } });
    assert.equal(said(reply), expected);
    assert.equal(reply.headers.get("access-control-allow-origin"), OURS);
    assert.equal(reply.headers.get("access-control-expose-headers"), "retry-after");
  }
});

Deno.test("a page may read that the function is misconfigured", async () => {
  await using endpoint = startEndpoint({ env: { ...ORIGINS, CLERK_SECRET_KEY: "" } });
  const reply = await endpoint.ask({ headers: { origin: OURS } });
  assert.equal(said(reply), "500 misconfigured");
  assert.equal(reply.headers.get("access-control-allow-origin"), OURS);
});

Deno.test("a preflight asks nobody and is not logged", async () => {
  await using endpoint = startEndpoint({ env: ORIGINS });
  await endpoint.handle(preflight(OURS));
  assert.deepEqual([endpoint.lines, endpoint.calls, endpoint.clerk.requests], [[], [], []]);
});
