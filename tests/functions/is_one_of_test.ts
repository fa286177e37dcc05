import assert from "node:assert/strict";
import { isOneOf } from "../../supabase/functions/_clerk_sync/env.ts";

const KEYS = { default: "sb_secret_first", other: "sb_secret_second" };

Deno.test("every key is found, whatever its name", async () => {
  for (const key of Object.values(KEYS)) assert.equal(await isOneOf(KEYS, key), true, key);
});

Deno.test("a key that is shorter, longer or another by one letter is not found", async () => {
  for (const key of ["", "sb_secret_firs", "sb_secret_first ", "sb_secret_firsT", "default"]) {
    assert.equal(await isOneOf(KEYS, key), false, key);
  }
});

Deno.test("of no keys none is found", async () => {
  assert.equal(await isOneOf({}, ""), false);
});
