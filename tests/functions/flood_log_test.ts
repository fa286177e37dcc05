import assert from "node:assert/strict";
import type { LogFields } from "../../supabase/functions/_clerk_sync/log.ts";
import {
  createFloodLog,
  LINES_PER_MINUTE,
} from "../../supabase/functions/clerk-webhook/flood_log.ts";

/** A log whose clock a test turns, and what came through it. */
function startLog() {
  let ms = 0;
  const lines: (LogFields & { message: string })[] = [];
  const log = createFloodLog(
    (_level, message, fields) => lines.push({ message, ...fields }),
    () => ms,
  );
  return { lines, wait: (forMs: number) => ms += forMs, log };
}

Deno.test("an address over its limit is one line a minute, and a number with the next one", () => {
  const { lines, wait, log } = startLog();
  for (let round = 0; round < 1000; round++) {
    log("warn", "delivery", { status: 429, address_bucket: 7 });
  }
  assert.equal(lines.length, 1);

  wait(60_000);
  log("info", "delivery", { status: 200 });
  assert.deepEqual(lines.slice(1), [
    { message: "left_out", status: 429, address_bucket: 7, count: 999 },
    { message: "delivery", status: 200 },
  ]);
});

Deno.test("each address has its own line", () => {
  const { lines, log } = startLog();
  for (const address_bucket of [1, 2, 1, 2]) {
    log("warn", "delivery", { status: 429, address_bucket });
  }
  assert.deepEqual(lines.map((line) => line.address_bucket), [1, 2]);
});

Deno.test("a flood of addresses fills no more lines than the minute has, and counts the rest", () => {
  const { lines, wait, log } = startLog();
  const requests = 20_000;
  for (let index = 0; index < requests; index++) {
    log("warn", "delivery", { status: 401 });
    log("warn", "delivery", { status: 429, address_bucket: index % 4096 });
  }
  assert.equal(lines.length, LINES_PER_MINUTE);

  wait(60_000);
  log("info", "delivery", { status: 200 });
  const counts = lines.map(({ count }) => Number(count ?? 0));
  assert.equal(counts.reduce((sum, count) => sum + count), requests * 2 - LINES_PER_MINUTE);
  assert.ok(lines.length < LINES_PER_MINUTE * 2, `${lines.length} lines`);
});

Deno.test("what is signed is logged in the midst of a flood", () => {
  const { lines, log } = startLog();
  for (let round = 0; round < 1000; round++) log("warn", "delivery", { status: 401 });
  for (const status of [200, 422, 503]) log("info", "delivery", { status });
  assert.deepEqual(lines.slice(-3).map(({ status }) => status), [200, 422, 503]);
});

Deno.test("the next minute has its lines again", () => {
  const { lines, wait, log } = startLog();
  for (let round = 0; round < LINES_PER_MINUTE + 1; round++) {
    log("warn", "delivery", { status: 401 });
  }
  wait(60_000);
  log("warn", "delivery", { status: 401 });
  assert.deepEqual(lines.slice(LINES_PER_MINUTE), [
    { message: "left_out", status: 401, address_bucket: undefined, count: 1 },
    { message: "delivery", status: 401 },
  ]);
});
