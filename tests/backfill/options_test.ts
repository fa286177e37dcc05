import assert from "node:assert/strict";
import { HELP } from "../../scripts/backfill/help.ts";
import { parseOptions } from "../../scripts/backfill/options.ts";

function refuses(argv: string[], message: RegExp) {
  assert.throws(() => parseOptions(argv), (error: Error) => {
    assert.equal(error.name, "UsageError");
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("without options four pages of 500 are under way, at the key's own rate", () => {
  const { concurrency, pageSize, rate, dryRun, restart, switchInstance } = parseOptions([]);
  assert.deepEqual([concurrency, pageSize, rate], [4, 500, undefined]);
  assert.deepEqual([dryRun, restart, switchInstance], [false, false, false]);
});

Deno.test("numbers stay within what Clerk and the overlap of pages allow", () => {
  refuses(["--page-size=501"], /from 2 to 500/);
  refuses(["--page-size=1"], /from 2 to 500/);
  refuses(["--concurrency=0"], /from 1 to 16/);
  refuses(["--rate=1"], /from 2 to 10000/);
});

Deno.test("a value that npm left over points at `--`", () => {
  refuses(["500"], /npm run backfill -- --dry-run/);
});

Deno.test("a key is no option, and an unknown option's value is not repeated", () => {
  for (const argv of [["--secret-key=sk_live_hidden"], ["sk_live_hidden"]]) {
    assert.throws(() => parseOptions(argv), ({ message }: Error) => !message.includes("hidden"));
  }
});

Deno.test("--help names every option", () => {
  const options = ["url", "data-dir", "switch-instance", "dry-run", "restart", "rate"];
  for (const name of [...options, "concurrency", "page-size", "json", "help"]) {
    assert.ok(HELP.includes(`  --${name} `), name);
  }
});
