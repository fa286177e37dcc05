/** What the command lines mean, and which are refused. */
import assert from "node:assert/strict";
import type { Declared } from "../../scripts/command/command.ts";
import purge from "../../scripts/purge.ts";

interface Case {
  command: Pick<Declared<object>, "name" | "parse">;
  /** A command line, and what it says among others. */
  means: [line: string, options: object][];
  /** A command line, and what is said of it. */
  refused: [line: string, message: RegExp][];
}

const CASES: Case[] = [
  {
    command: purge,
    means: [["", { olderThan: 90, batch: 5000 }], ["--older-than 7d", { olderThan: 7 }]],
    refused: [
      ...["0d", "7", "1h", "-1d", "1.5d", "123456d"].map((text): [string, RegExp] => [
        `--older-than=${text}`,
        /^--older-than is a number of days/,
      ]),
      ["--batch 0", /from 1 to 100000/],
    ],
  },
];

/** Blanks separate words; '' is an empty one. */
function words(line: string): string[] {
  return line.split(" ").filter(Boolean).map((word) => word.replace("''", ""));
}

for (const { command, means, refused } of CASES) {
  for (const [line, options] of means) {
    Deno.test(`${command.name} ${line}: means ${JSON.stringify(options)}`, () => {
      assert.partialDeepStrictEqual(command.parse(words(line)), options);
    });
  }

  for (const [line, message] of refused) {
    Deno.test(`${command.name} ${line}: is wrong usage`, () => {
      assert.throws(() => command.parse(words(line)), { name: "UsageError", message });
    });
  }

  Deno.test(`${command.name}: a secret that was typed is not repeated, as an option or as a word`, () => {
    for (const typed of ["--no-such-key=sk_live_hidden", "sk_live_hidden"]) {
      assert.throws(() => command.parse([typed]), ({ name, message }: Error) => {
        return name === "UsageError" && !message.includes("hidden") && !message.includes("\n");
      });
    }
  });
}
