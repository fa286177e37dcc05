import assert from "node:assert/strict";
import { signedAmongUnsigned } from "../benchmarks/flood/signed_among_unsigned.ts";
import { stackEnv } from "../support/stack_env.ts";
import { databaseTest as test } from "../support/stack.ts";

test("a flood of unsigned requests reaches no database, and keeps nothing signed out", async (sql) => {
  const { WEBHOOK_URL: url, CLERK_WEBHOOK_SECRET: secret } = stackEnv();
  const { unsigned, signed, events } = await signedAmongUnsigned({
    url,
    secret,
    sql,
    seconds: 3,
    unsignedPerSecond: 500,
    signedPerSecond: 10,
    signal: new AbortController().signal,
  });
  const { "401": refused = 0, "429": limited = 0 } = unsigned.statuses;
  assert.ok(unsigned.sent > 200 && refused + limited > 200, JSON.stringify(unsigned));
  assert.ok(limited > refused, JSON.stringify(unsigned));
  assert.equal(unsigned.statuses["200"], undefined);
  assert.deepEqual(signed.said, { "200 applied": signed.sent });
  assert.equal(events, signed.sent);
});
