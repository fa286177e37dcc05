import assert from "node:assert/strict";
import { MISSED, REACHED } from "./sample_report.ts";
import { formatLimit, isReached } from "./target.ts";

Deno.test("a limit itself is within the limit, on both sides", () => {
  assert.ok(isReached({ ...REACHED, value: 1.5, limit: { atMost: 1.5 } }));
  assert.ok(isReached({ ...REACHED, value: 1.5, limit: { atLeast: 1.5 } }));
});

Deno.test("too much of what must be little is missed, and too little of what must be much", () => {
  assert.ok(!isReached({ ...MISSED, value: 1.6, limit: { atMost: 1.5 } }));
  assert.ok(!isReached({ ...MISSED, value: 1.4, limit: { atLeast: 1.5 } }));
});

Deno.test("what is no number reaches nothing", () => {
  assert.ok(!isReached({ ...REACHED, value: NaN, limit: { atMost: 1.5 } }));
  assert.ok(!isReached({ ...REACHED, value: NaN, limit: { atLeast: 1.5 } }));
});

Deno.test("a limit is said as it was set, with the unit", () => {
  assert.equal(formatLimit({ ...REACHED, limit: { atMost: 1.5 } }), "at most 1.5");
  const limit = formatLimit({ ...REACHED, unit: "events/s", limit: { atLeast: 2000 } });
  assert.equal(limit, "at least 2,000 events/s");
});
