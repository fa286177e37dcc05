import assert from "node:assert/strict";
import { formatAmount, formatNumber } from "./amount.ts";

Deno.test("small fractions have three digits, large ones none after the point, whole numbers are whole", () => {
  const texts = [0.12345, 1.5, 13.44, 99.96, 1234.5, 7, 10_000_000].map(formatNumber);
  assert.deepEqual(texts, ["0.123", "1.50", "13.4", "100", "1,235", "7", "10,000,000"]);
});

Deno.test("a number without a unit has nothing behind it", () => {
  assert.equal(formatAmount(7, ""), "7");
  assert.equal(formatAmount(7, "ms"), "7 ms");
});
