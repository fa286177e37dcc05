import type { Log } from "../_clerk_sync/log.ts";

/** Lines about requests that nobody signed, in a minute: those of some errors, and not those of a flood. */
export const LINES_PER_MINUTE = 300;

const MINUTE_MS = 60_000;

/** What is answered so can be had by anyone. */
const UNSIGNED = new Set([401, 405, 413, 429, 500]);

/**
 * A log that no flood can fill. An address over its limit has one line a minute, all that anyone can provoke together has
 * LINES_PER_MINUTE, and what was left out is told in numbers when the minute is over, with the next line.
 */
export function createFloodLog(log: Log, now: () => number = Date.now): Log {
  let endsAt = 0;
  let written = 0;
  let leftOut = new Map<string, number>();

  return (level, message, fields = {}) => {
    if (now() >= endsAt) turn();
    const { status, address_bucket: bucket } = fields;
    if (typeof status !== "number" || !UNSIGNED.has(status)) return log(level, message, fields);

    const key = bucket === undefined ? String(status) : `${status} of ${bucket}`;
    const isAgain = bucket !== undefined && leftOut.has(key);
    if (isAgain || written >= LINES_PER_MINUTE) return leaveOut(isAgain ? key : String(status));
    written++;
    if (bucket !== undefined) leftOut.set(key, 0);
    log(level, message, fields);
  };

  function leaveOut(key: string): void {
    leftOut.set(key, (leftOut.get(key) ?? 0) + 1);
  }

  function turn(): void {
    for (const [key, count] of leftOut) {
      if (count === 0) continue;
      const [status, bucket] = key.split(" of ").map(Number);
      log("warn", "left_out", { status, address_bucket: bucket, count });
    }
    endsAt = now() + MINUTE_MS;
    written = 0;
    leftOut = new Map();
  }
}
