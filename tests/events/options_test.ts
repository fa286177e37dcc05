import assert from "node:assert/strict";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { parseOptions } from "../../scripts/events/options.ts";

Deno.test("what is open is listed by default", () => {
  const { outcomes, type, clerkId, limit } = parseOptions([]);
  assert.deepEqual({ outcomes, type, clerkId, limit }, {
    outcomes: ["failed", "rejected"],
    type: null,
    clerkId: null,
    limit: 50,
  });
});

Deno.test("outcomes are named one by one, in a list, or all at once", () => {
  assert.deepEqual(parseOptions(["--outcome", "stale, failed"]).outcomes, ["stale", "failed"]);
  assert.deepEqual(parseOptions(["--outcome", "stale", "--outcome", "ignored"]).outcomes, [
    "stale",
    "ignored",
  ]);
  assert.equal(parseOptions(["--all"]).outcomes, null);
});

Deno.test("what is closed is named, one or more", () => {
  assert.deepEqual(parseOptions([]).close, []);
  assert.deepEqual(parseOptions(["--close", "msg_1", "--close", " msg_2"]).close, [
    "msg_1",
    "msg_2",
  ]);
});

for (
  const argv of [
    ["--outcome", "lost"],
    ["--outcome", ""],
    ["--outcome", "failed", "--all"],
    ["--limit", "0"],
    ["--limit", "501"],
    ["--type", ""],
    ["--close", ""],
    ["--close", "msg_1", "--all"],
    ["--close", "msg_1", "--type", "user.created"],
    ["--close"],
    ["user_1"],
    ["--secret", "x"],
  ]
) {
  Deno.test(`${argv.join(" ")} is refused`, () => {
    assert.throws(() => parseOptions(argv), UsageError);
  });
}
