import assert from "node:assert/strict";
import { wantsBar } from "../../scripts/simulate/progress.ts";

Deno.test("a bar is for long runs on a terminal", () => {
  assert.equal(wantsBar(51, true), true);
  assert.equal(wantsBar(50, true), false);
  assert.equal(wantsBar(51, false), false);
});
