import assert from "node:assert/strict";
import { PARTS } from "./parts.ts";

Deno.test("each part is listed by its own name, which can be typed as it is", async () => {
  for (const [name, load] of Object.entries(PARTS)) {
    assert.equal((await load()).name, name);
    assert.match(name, /^[a-z]+(-[a-z]+)*$/);
  }
});
