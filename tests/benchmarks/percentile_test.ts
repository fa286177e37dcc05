import assert from "node:assert/strict";
import { percentile } from "./percentile.ts";

Deno.test("a percentile is one of the values, the smallest that suffices, whatever their order", () => {
  const values = [40, 10, 30, 20];
  assert.deepEqual([0, 25, 26, 50, 95, 100].map((percent) => percentile(values, percent)), [
    10,
    10,
    20,
    20,
    40,
    40,
  ]);
});

Deno.test("of nothing there is no percentile", () => {
  assert.ok(Number.isNaN(percentile([], 50)));
});
