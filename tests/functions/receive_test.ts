import assert from "node:assert/strict";
import { createRateLimits } from "../../supabase/functions/clerk-webhook/rate_limits.ts";
import { createReceive } from "../../supabase/functions/clerk-webhook/receive.ts";
import { createStats } from "../../supabase/functions/clerk-webhook/stats.ts";
import type { Verdict } from "../../supabase/functions/clerk-webhook/verify.ts";
import { fakeDatabase } from "./support/fake_database.ts";
import { signedRequest } from "./support/signed_request.ts";

Deno.test("a body holds its places until it is known whether it is signed", async () => {
  const asked = Promise.withResolvers<void>();
  const verdict = Promise.withResolvers<Verdict>();
  const stats = createStats(1);
  const receive = createReceive({
    verify: () => {
      asked.resolve();
      return verdict.promise;
    },
    callRpc: fakeDatabase().callRpc,
    instanceId: null,
    limits: createRateLimits({ failuresPerMinute: 0, verifiedPerSecond: 0 }),
    stats,
    log: () => {},
  });
  const answer = receive(signedRequest());
  await asked.promise;
  assert.deepEqual(stats.inFlight, { reading: 1, applying: 0 });
  verdict.resolve({ kind: "verified", eventId: "msg_1", secret: 1 });
  assert.equal((await answer).status, 200);
  assert.deepEqual(stats.inFlight, { reading: 0, applying: 0 });
});
