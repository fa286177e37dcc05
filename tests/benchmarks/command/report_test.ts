import assert from "node:assert/strict";
import { exitCodeOf, type FailedPart } from "./report.ts";
import { measuredPart, MISSED, REACHED, reportOf } from "./sample_report.ts";

const FAILED: FailedPart = { outcome: "failed", name: "writes", error: "Error: no" };

Deno.test("a run that reaches all its targets ends with 0", () => {
  assert.equal(exitCodeOf(reportOf()), 0);
});

Deno.test("a missed target ends a run with 1, whichever of them it is", () => {
  const missed = measuredPart({ targets: [REACHED, MISSED] });
  assert.equal(exitCodeOf(reportOf({ parts: [missed, measuredPart()] })), 1);
});

Deno.test("a missed target does not decide a quick run", () => {
  const parts = [measuredPart({ targets: [MISSED] })];
  assert.equal(exitCodeOf(reportOf({ parts, isQuick: true })), 0);
});

Deno.test("a part that failed ends a run with 1, a quick one too", () => {
  const parts = [measuredPart(), FAILED];
  assert.equal(exitCodeOf(reportOf({ parts })), 1);
  assert.equal(exitCodeOf(reportOf({ parts, isQuick: true })), 1);
});

Deno.test("an interrupted run ends with 130, whatever it had measured", () => {
  assert.equal(exitCodeOf(reportOf({ isInterrupted: true, parts: [FAILED] })), 130);
});
