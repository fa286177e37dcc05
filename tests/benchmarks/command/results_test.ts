import assert from "node:assert/strict";
import { mergeResults } from "./results.ts";
import { keptPart, measuredPart, reportOf } from "./sample_report.ts";

Deno.test("a part that was measured again replaces its older self, the others keep theirs", () => {
  const old = { date: "2026-01-01T00:00:00.000Z", seconds: 5 };
  const kept = [keptPart(old), keptPart({ ...old, name: "writes" })];
  const parts = mergeResults(kept, reportOf(), ["reads", "writes"]);
  assert.deepEqual(parts, [keptPart(), keptPart({ ...old, name: "writes" })]);
});

Deno.test("parts are kept in the order in which they are run, not in that of their measurement", () => {
  const report = reportOf({ parts: [measuredPart({ name: "writes" })] });
  const parts = mergeResults([keptPart()], report, ["writes", "growth", "reads"]);
  assert.deepEqual(parts.map(({ name }) => name), ["writes", "reads"]);
});

Deno.test("a part that failed keeps what was measured before", () => {
  const report = reportOf({ parts: [{ outcome: "failed", name: "reads", error: "no" }] });
  assert.deepEqual(mergeResults([keptPart()], report, ["reads"]), [keptPart()]);
});

Deno.test("a part that is no more is dropped", () => {
  assert.deepEqual(mergeResults([keptPart({ name: "gone" })], reportOf(), ["reads"]), [keptPart()]);
});
