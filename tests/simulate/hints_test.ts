import assert from "node:assert/strict";
import { hintsFor } from "../../scripts/simulate/format.ts";
import { Tally } from "../../scripts/simulate/run.ts";

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
});

Deno.test("other failures speak for themselves", () => {
  assert.equal(hints(503, "unavailable"), "");
  assert.equal(hints(401, "stale_timestamp"), "");
});
