/** What the command line means. */
import assert from "node:assert/strict";
import { UsageError } from "../../scripts/command/usage_error.ts";
import { HELP } from "../../scripts/drift/help.ts";
import { parseOptions } from "../../scripts/drift/options.ts";

Deno.test("drift: without options nothing is repaired, and everything is checked and kept", () => {
  const { repair, only, record, maxDeletes } = parseOptions([]);
  assert.deepEqual({ repair, only, record, maxDeletes }, {
    repair: false,
    only: ["users", "organizations", "memberships"],
    record: true,
    maxDeletes: { value: 1, isPercent: true },
  });
});

Deno.test("drift: --only takes kinds with commas and again, and keeps their order", () => {
  const { only } = parseOptions(["--only", "memberships, users", "--only", "users"]);
  assert.deepEqual(only, ["users", "memberships"]);
});

for (
  const [text, value, isPercent] of [["0", 0, false], ["25", 25, false], [
    "2.5%",
    2.5,
    true,
  ]] as const
) {
  Deno.test(`drift: --max-deletes ${text}`, () => {
    assert.deepEqual(parseOptions(["--max-deletes", text]).maxDeletes, { value, isPercent });
  });
}

for (
  const args of [
    ["--max-deletes", "1.5"],
    ["--max-deletes", "101%"],
    ["--max-deletes=-1"],
    ["--max-deletes", ""],
    ["--max-deletes", "all"],
    ["--only", "sessions"],
    ["--only", ","],
    ["--page-size", "501"],
    ["--concurrency", "0"],
    ["repair"],
    ["--fix"],
  ]
) {
  Deno.test(`drift: ${args.join(" ")} is wrong usage`, () => {
    assert.throws(() => parseOptions(args), UsageError);
  });
}

Deno.test("drift: --help names every option", () => {
  const options = ["url", "data-dir", "repair", "max-deletes", "only", "list", "no-record", "rate"];
  for (const name of [...options, "concurrency", "page-size", "json", "help"]) {
    assert.ok(HELP.includes(`  --${name} `), name);
  }
});
