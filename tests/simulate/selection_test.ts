import assert from "node:assert/strict";
import simulate from "../../scripts/simulate.ts";
import { select } from "../../scripts/simulate/selection.ts";

/** What the arguments select. */
function selected(...argv: string[]) {
  return select(simulate.parse(argv));
}

Deno.test("without options the story is sent once, one at a time", () => {
  const { repeat, duplicates, concurrency } = simulate.parse([]);
  assert.deepEqual({ repeat, duplicates, concurrency }, {
    repeat: 1,
    duplicates: 0,
    concurrency: 1,
  });
  assert.deepEqual(selected(), { kind: "story" });
});

Deno.test("--type may be repeated and separated by commas, and keeps the order given", () => {
  assert.deepEqual(selected("--type", "user.deleted, user.created", "--type=session.ended"), {
    kind: "samples",
    types: ["user.deleted", "user.created", "session.ended"],
  });
});

Deno.test("with --data any type is taken, with --file the body as it is", () => {
  assert.deepEqual(selected("--type", "role.created", "--data", '{"id":"role_1"}'), {
    kind: "data",
    type: "role.created",
    data: { id: "role_1" },
  });
  assert.deepEqual(selected("--file", "-"), { kind: "file", path: "-" });
});

Deno.test("a million deliveries is the most, duplicates included", () => {
  assert.deepEqual(selected("--repeat=50000", "--duplicates=1"), { kind: "story" });
});

const REFUSED: [message: RegExp, ...argv: string[]][] = [
  [/user\.renamed[^]*organizationMembership\.created/, "--type", "user.renamed"],
  [/--type is empty/, "--type", ""],
  [/exactly one --type/, "--data", "{}"],
  [/exactly one --type/, "--data", "{}", "--type", "user.created,user.updated"],
  [/not JSON/, "--data", "{", "--type", "user.created"],
  ...["[]", "null", "1"].map((data): [RegExp, ...string[]] => [
    /not a JSON object/,
    "--type=user.created",
    `--data=${data}`,
  ]),
  [/whole body/, "--file", "a.json", "--type", "user.created"],
  [/whole body/, "--file", "a.json", "--data", "{}"],
  ...["0", "-1", "1.5", "", "1e3", "many"].map((text): [RegExp, ...string[]] => [
    /--repeat is a whole number from 1/,
    `--repeat=${text}`,
  ]),
  [/--concurrency is a whole number from 1 to 200/, "--concurrency=201"],
  [/1000020 deliveries; the most is 1000000/, "--repeat=50001", "--duplicates=1"],
  [/npm run simulate -- --type/, "user.created"],
];
for (const [message, ...argv] of REFUSED) {
  Deno.test(`simulate ${argv.join(" ")}: is wrong usage`, () => {
    assert.throws(() => selected(...argv), { name: "UsageError", message });
  });
}

Deno.test("no message holds what was typed as a secret", () => {
  for (const argv of [["whsec_hidden"], ["--secert=whsec_hidden"], ["--json=whsec_hidden"]]) {
    assert.throws(() => selected(...argv), (error: Error) => !error.message.includes("hidden"));
  }
});
