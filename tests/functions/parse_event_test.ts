import assert from "node:assert/strict";
import { parseEvent } from "../../supabase/functions/clerk-webhook/parse_event.ts";

/** When an event with this timestamp happened. */
function timeOf(timestamp: unknown): string | null {
  const parsed = parseEvent(JSON.stringify({ type: "user.deleted", data: {}, timestamp }));
  return parsed.ok ? parsed.event.at : assert.fail(parsed.error);
}

Deno.test("the envelope's timestamp is read in milliseconds and in seconds", () => {
  assert.equal(timeOf(1772442000644), "2026-03-02T09:00:00.644Z");
  assert.equal(timeOf(1772442000), "2026-03-02T09:00:00.000Z");
});

Deno.test("an envelope without a timestamp has no time", () => {
  assert.equal(timeOf(undefined), null);
  assert.equal(timeOf(null), null);
});
