import assert from "node:assert/strict";
import { cases, examine, NOW, SECRET, type World } from "./context.ts";

function always(status: number, body: string | object, headers: HeadersInit = {}): World {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { answer: () => new Response(text, { status, headers }) };
}

const failing = (problem: string): World => ({
  answer: () => Promise.reject(new TypeError(`(Connect): ${problem}`)),
});
const at = (webhookUrl: string): World => ({ target: { webhookUrl } });
const secrets = (text: string): World => ({
  target: { webhookSecret: { text, source: "CLERK_WEBHOOK_SECRET" } },
});
const REFUSED = { error: "invalid_signature" };

cases("webhook-url", [
  ["https", at("https://x.supabase.co/functions/v1/clerk-webhook"), /^ok https/],
  [
    "http on this machine is ok, with a note",
    at("http://127.0.0.1:1/x"),
    /^ok .*Clerk needs https/,
  ],
  ["http elsewhere", at("http://example.com/x"), /^failure http, not https/],
  ["what is no address", at("example.com:443"), /^failure it is not an address/],
  ["an address with a password", at("https://a:b@example.com"), /^failure .*password/],
  ["another path at Supabase", at("https://x.supabase.co/api"), /^warning .*path/],
]);

cases("health", [
  ["ok", always(200, "ok"), /^ok 200 ok$/],
  ["refused is a failure, with where to look", always(503, "refused"), /^failure .*Signing Secret/],
  ["misconfigured", always(503, "misconfigured"), /^failure .*lacks a variable/],
  ["failing", always(503, "failing"), /^warning 503 failing .*npm run events/],
  ["silent", always(503, "silent"), /^warning 503 silent/],
  ["another page", always(200, "<html>"), /^warning answers no health/],
  ["a function without it", always(405, REFUSED), /^warning answers no health/],
  ["none", always(404, "no"), /^failure 404/],
]);

cases("reachable", [
  ["405 of the function", always(405, { error: "method_not_allowed" }), /^ok/],
  ["an HTML page that is not there", always(404, "<html>"), /^failure 404: .*functions deploy/],
  ["a page that is there", always(200, "<html>"), /^failure GET is answered 200, not 405/],
  ["another server's 405", always(405, "no"), /^failure GET is answered 405/],
  [
    "a gateway that wants a JWT",
    always(401, { code: "UNAUTHORIZED_NO_AUTH_HEADER" }),
    /^failure .*verify_jwt/,
  ],
  ["a redirect", always(308, "", { location: "https://x.test" }), /^failure it redirects \(308\)/],
  ["a function that does not boot", always(503, { code: "BOOT_ERROR" }), /^failure 503 BOOT_ERROR/],
  ["a busy one", always(429, "{}"), /^warning 429/],
  [
    "an expired certificate",
    failing("invalid peer certificate: Expired"),
    /^failure its certificate is not valid/,
  ],
  [
    "a host that is not there",
    failing("dns error: failed to lookup address"),
    /^failure there is no such host/,
  ],
]);

cases("unsigned-refused", [
  ["401", always(401, REFUSED), /^ok/],
  ["200", always(200, { outcome: "applied" }), /^failure accepted with 200: anybody/],
  ["400", always(400, "{}"), /^failure answered 400, not 401/],
  ["500", always(500, { error: "misconfigured" }), /^failure 500 misconfigured/],
]);

cases("wrong-signature", [
  ["401", always(401, REFUSED), /^ok/],
  ["200", always(200, { outcome: "ignored" }), /^failure .*signature is not checked/],
]);

cases("burst", [
  ["401 each time", always(401, REFUSED), /^ok 20 .*20 times 401/],
  ["429", always(429, "{}"), /^ok 20 .*20 times 429/],
  ["a crash", always(500, ""), /^failure .*answered 500/],
]);

cases("secret", [
  ["a good one", secrets(SECRET), /^ok well-formed/],
  ["none", { target: { webhookSecret: null } }, /^failure .*not set/],
  ["only commas are none", secrets(" , "), /^failure .*not set/],
  ["the example's", secrets("whsec_your_webhook_secret_here"), /^failure .*malformed/],
  ["the prefix alone", secrets("whsec_"), /^failure .*malformed/],
  [
    "each of several is looked at",
    secrets(`${SECRET} whsec_x`),
    /^failure number 2 of .*malformed/,
  ],
  [
    "one that the webhook refuses for its length",
    secrets(`${SECRET} whsec_${btoa("s".repeat(15))}`),
    /^failure number 2 of .*less than 16 bytes/,
  ],
  ["a short one", secrets(`whsec_${btoa("s".repeat(16))}`), /^warning .*short/],
  ["two good ones", secrets(`${SECRET},${SECRET}`), /^warning 2 secrets/],
]);

const ANSWERS = [Response.json({ outcome: "ignored" }), Response.json(REFUSED, { status: 401 })];

cases("signed-accepted", [
  ["200 ignored", always(200, { outcome: "ignored" }), /^ok/],
  ["200 with another word", always(200, "OK"), /^failure answered 200, not 200 ignored/],
  ["401 is another secret", always(401, REFUSED), /^failure the function has another secret/],
  [
    "the second of two secrets is tried",
    {
      ...secrets(`${SECRET} whsec_${btoa("the old secret, 24+ bytes")}`),
      answer: () => ANSWERS.shift()!,
    },
    /^failure .*\(number 2\)/,
  ],
]);

cases("clock", [
  ["none known", {}, /^skipped/],
  ["a second", { skews: [0.4, -0.6, 90] }, /^ok the same/],
  ["a minute", { skews: [-61] }, /^warning .*61 s behind/],
  ["four minutes", { skews: [241] }, /^failure .*241 s ahead/],
]);

Deno.test("the clock is read out of every answer", async () => {
  const skews: number[] = [];
  const date = new Date(NOW.getTime() + 300_000).toUTCString();
  await examine("unsigned-refused", { ...always(401, REFUSED, { date }), skews });
  assert.deepEqual(skews, [300]);
});

cases("sync-function", [
  ["401 missing_token", always(401, { error: "missing_token" }), /^ok/],
  ["not deployed", always(404, { code: "NOT_FOUND" }), /^warning not deployed/],
  ["without Clerk's key it", always(500, { error: "misconfigured" }), /^warning 500/],
  ["an answer without a token", always(200, "{}"), /^failure answered 200/],
  ["a gateway that wants a JWT", always(401, { code: "X" }), /^failure .*verify_jwt/],
]);
