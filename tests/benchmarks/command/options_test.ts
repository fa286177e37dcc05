import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";

const KNOWN = ["sql", "growth", "flood"];

function refuses(argv: string[], message: RegExp) {
  assert.throws(() => parseOptions(argv, KNOWN), (error: Error) => {
    assert.equal(error.name, "UsageError");
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("without arguments all parts run, in full, from the same seed", () => {
  assert.deepEqual(parseOptions([], KNOWN), {
    parts: KNOWN,
    isQuick: false,
    seed: 1,
    json: false,
    save: false,
    help: false,
  });
});

Deno.test("parts that are named run once each, in their own order", () => {
  const { parts } = parseOptions(["flood", "--quick", "sql", "flood"], KNOWN);
  assert.deepEqual(parts, ["sql", "flood"]);
});

Deno.test("an unknown part is refused with the list of those there are, and how npm hands options on", () => {
  refuses(["sql", "7"], /no part 7[^]*sql, growth, flood[^]*npm run bench -- --seed 7/);
});

Deno.test("an unknown option is refused", () => {
  refuses(["--fast"], /--fast/);
});

Deno.test("a seed is a whole number within its bounds", () => {
  assert.equal(parseOptions(["--seed", "2147483647"], KNOWN).seed, 2 ** 31 - 1);
  for (const text of ["", "-1", "1.5", "1e3", "many", "2147483648"]) {
    refuses([`--seed=${text}`], /--seed is a whole number from 0/);
  }
});

Deno.test("what a quick run says of times is not kept", () => {
  refuses(["--save", "--quick"], /--save[^]*--quick/);
});
