import assert from "node:assert/strict";
import {
  deliveryJson,
  formatLine,
  formatSummary,
  hintsFor,
  placesToLook,
  summaryJson,
} from "../../scripts/simulate/format.ts";
import { wantsBar } from "../../scripts/simulate/progress.ts";
import { type DeliveryResult, type Summary, Tally } from "../../scripts/simulate/run.ts";

const RESULT: DeliveryResult = {
  type: "user.created",
  id: "msg_1",
  ok: true,
  status: 200,
  outcome: "applied",
  ms: 12.34,
};
const SUMMARY: Summary = {
  deliveries: 3,
  ok: 2,
  failed: 1,
  counts: [
    { status: 200, outcome: "applied", count: 2 },
    { status: null, outcome: "timeout", count: 1 },
  ],
  ms: { p50: 1.04, p95: 2, max: 15000.2 },
  elapsedMs: 15003,
  perSecond: 0.2,
};
const END = { planned: 3, seed: "abc", interrupted: false };

Deno.test("lines of different types align", () => {
  const short = formatLine(RESULT, false);
  const long = formatLine({
    ...RESULT,
    type: "subscriptionItem.freeTrialEnding",
    status: null,
    outcome: "connection_refused",
    ms: 15000,
  }, false);
  assert.equal(short, "user.created                      200  applied                12 ms  msg_1");
  assert.equal(long.indexOf("msg_1"), short.indexOf("msg_1"));
});

Deno.test("where a line has no room for it the id is left out", () => {
  const type = "subscriptionItem.freeTrialEnding";
  assert.equal(formatLine({ ...RESULT, type, id: "msg_".padEnd(31, "x") }, false, 80).length, 67);
  assert.match(formatLine(RESULT, false, 80), / msg_1$/);
});

Deno.test("after a run on the local stack its page is named, and a query to try without a secret in it", () => {
  const values = { WEBHOOK_URL: "http://127.0.0.1:1/x", STATUS_PAGE_URL: "http://127.0.0.1:2" };
  const lines = (url: string, page = true) =>
    placesToLook({ url: new URL(url) }, {
      path: ".stack/env",
      values: page ? values : { ...values, STATUS_PAGE_URL: undefined },
    }).join("\n");
  const told = lines(values.WEBHOOK_URL);
  assert.match(
    told,
    /^\nLook at http:\/\/127\.0\.0\.1:2, or .*:\n {2}\( \. \.\/\.stack\/env; curl /,
  );
  assert.ok(told.split("\n").every((line) => line.length <= 80));
  assert.ok(!lines(values.WEBHOOK_URL, false).includes("undefined"));
  assert.equal(lines("https://project.example.com/"), "");
});

Deno.test("the query reads the keys of a stack in a folder beside this one, too", () => {
  const url = "http://127.0.0.1:1/x";
  const told = placesToLook({ url: new URL(url) }, {
    path: "../my-app/.stack/env",
    values: { WEBHOOK_URL: url },
  });
  assert.match(told.join("\n"), /\( \. \.\.\/my-app\/\.stack\/env; curl /);
});

Deno.test("without colour there is no escape sequence, with it success is green and failure red", () => {
  assert.ok(!formatLine(RESULT, false).includes("\x1b"));
  assert.ok(formatLine(RESULT, true).includes("\x1b[32m200"));
  assert.ok(formatLine({ ...RESULT, ok: false }, true).includes("\x1b[31m200"));
});

Deno.test("a type out of a file cannot steer the terminal", () => {
  const line = formatLine({ ...RESULT, type: "\x1b[2Juser\n" + "x".repeat(500) }, false);
  assert.match(line, /^\?\[2Juser\?x+ {2}200/);
  assert.ok(line.length < 200);
});

Deno.test("the summary has counts, percentiles and the seed", () => {
  assert.equal(
    formatSummary(SUMMARY, END),
    [
      "3 deliveries in 15.0 s, 0.2/s",
      "  200  applied             2",
      "  ---  timeout             1",
      "  p50 1 ms, p95 2 ms, max 15000 ms",
      "  seed abc",
    ].join("\n"),
  );
});

Deno.test("after a single delivery its line is not told again, only the seed", () => {
  assert.equal(formatSummary(SUMMARY, { ...END, planned: 1 }), "  seed abc");
});

Deno.test("an interrupted run says how far it came", () => {
  const text = formatSummary(SUMMARY, { ...END, planned: 100, interrupted: true });
  assert.match(text, /^3 of 100 deliveries .* interrupted\n/);
});

Deno.test("in JSON a delivery and the summary are told apart by type", () => {
  assert.deepEqual(JSON.parse(deliveryJson(RESULT)), {
    type: "delivery",
    event_type: "user.created",
    event_id: "msg_1",
    ok: true,
    status: 200,
    outcome: "applied",
    ms: 12.3,
  });
  assert.deepEqual(JSON.parse(summaryJson(SUMMARY, END)), {
    type: "summary",
    planned: 3,
    deliveries: 3,
    ok: 2,
    failed: 1,
    counts: SUMMARY.counts,
    ms: { p50: 1, p95: 2, max: 15000.2 },
    elapsed_ms: 15003,
    per_second: 0.2,
    seed: "abc",
    interrupted: false,
  });
});

function hints(status: number | null, outcome: string | null): string {
  const tally = new Tally();
  tally.add({ type: "user.created", id: "msg_1", ok: false, status, outcome, ms: 1 });
  const target = { url: new URL("https://project.example.com/"), secret: "", secretSource: "X" };
  return hintsFor(tally.summary(1), target).join("\n");
}

Deno.test("each frequent mistake of a set-up gets its own hint", () => {
  assert.match(hints(null, "connection_refused"), /^Nothing answers at project\.example\.com/);
  assert.match(hints(401, "invalid_signature"), /^invalid_signature: .* than that of X\.$/);
  assert.match(hints(401, null), /verify_jwt = false\.$/);
  assert.match(hints(401, "UNAUTHORIZED_NO_AUTH_HEADER"), /verify_jwt = false\.$/);
  assert.match(hints(404, "NOT_FOUND"), /has no such function\.$/);
  assert.match(hints(422, "invalid_body"), /^422: signed, .*npm run events/);
  assert.match(hints(503, "unavailable"), /^503: the database .*npm run doctor/);
});

Deno.test("other failures speak for themselves", () => {
  assert.equal(hints(503, "BOOT_ERROR"), "");
  assert.equal(hints(401, "stale_timestamp"), "");
});

Deno.test("a bar is for long runs on a terminal", () => {
  assert.equal(wantsBar(51, true), true);
  assert.equal(wantsBar(50, true), false);
  assert.equal(wantsBar(51, false), false);
});
