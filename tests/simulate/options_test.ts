import assert from "node:assert/strict";
import { parseOptions } from "../../scripts/simulate/options.ts";
import { STORY_TYPES } from "../../scripts/simulate/samples.ts";

function refuses(argv: string[], message: RegExp) {
  assert.throws(() => parseOptions(argv), (error: Error) => {
    assert.equal(error.name, "UsageError");
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("without options the story is sent once, one at a time", () => {
  const options = parseOptions([]);
  assert.deepEqual(options.selection, { kind: "samples", types: STORY_TYPES });
  assert.equal(options.repeat, 1);
  assert.equal(options.duplicates, 0);
  assert.equal(options.concurrency, 1);
});

Deno.test("--type may be repeated and separated by commas, and keeps the order given", () => {
  const { selection } = parseOptions([
    "--type",
    "user.deleted, user.created",
    "--type=session.ended",
  ]);
  assert.deepEqual(selection, {
    kind: "samples",
    types: ["user.deleted", "user.created", "session.ended"],
  });
});

Deno.test("a type without a sample is refused with the list of those that have one", () => {
  refuses(["--type", "user.renamed"], /user\.renamed[^]*organizationMembership\.created/);
});

Deno.test("with --data any type is taken", () => {
  const { selection } = parseOptions(["--type", "role.created", "--data", '{"id":"role_1"}']);
  assert.deepEqual(selection, { kind: "data", type: "role.created", data: { id: "role_1" } });
});

Deno.test("--data needs one type and a JSON object", () => {
  refuses(["--data", "{}"], /exactly one --type/);
  refuses(["--data", "{}", "--type", "user.created,user.updated"], /exactly one --type/);
  refuses(["--data", "{", "--type", "user.created"], /not JSON/);
  for (const data of ["[]", "null", "1"]) {
    refuses(["--data", data, "--type", "user.created"], /not a JSON object/);
  }
});

Deno.test("--file goes with neither --type nor --data", () => {
  assert.deepEqual(parseOptions(["--file", "-"]).selection, { kind: "file", path: "-" });
  refuses(["--file", "a.json", "--type", "user.created"], /whole body/);
  refuses(["--file", "a.json", "--data", "{}"], /whole body/);
});

Deno.test("counts are whole numbers within their bounds", () => {
  for (const text of ["0", "-1", "1.5", "", "1e3", "many"]) {
    refuses([`--repeat=${text}`], /--repeat is a whole number from 1/);
  }
  refuses(["--concurrency=201"], /--concurrency is a whole number from 1 to 200/);
  assert.equal(parseOptions(["--duplicates=0"]).duplicates, 0);
});

Deno.test("a million deliveries is the most, duplicates included", () => {
  assert.equal(parseOptions(["--repeat=50000", "--duplicates=1"]).repeat, 50000);
  refuses(["--repeat=50001", "--duplicates=1"], /1000020 deliveries; the most is 1000000/);
});

Deno.test("an empty --type is refused instead of meaning all", () => {
  refuses(["--type", ""], /--type is empty/);
});

Deno.test("a value that npm left over points at `--`", () => {
  refuses(["user.created"], /npm run simulate -- --type/);
});

Deno.test("no message holds what was typed as a secret", () => {
  for (const argv of [["whsec_hidden"], ["--secert=whsec_hidden"], ["--json=whsec_hidden"]]) {
    assert.throws(() => parseOptions(argv), (error: Error) => !error.message.includes("hidden"));
  }
});
