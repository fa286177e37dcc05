/** What command lines mean, and which are refused. */
import assert from "node:assert/strict";
import backfill from "../../scripts/backfill.ts";
import type { Declared } from "../../scripts/command/command.ts";
import drift from "../../scripts/drift.ts";
import events from "../../scripts/events.ts";
import purge from "../../scripts/purge.ts";
import replay from "../../scripts/replay.ts";
import token, { sessionOf } from "../../scripts/token.ts";

interface Case {
  command: Pick<Declared<object>, "name" | "parse">;
  /** Command lines, and what they say among others. */
  means: [line: string, options: object][];
  /** Command lines, and what is said of them. */
  refused: [line: string, message: RegExp][];
}

const CASES: Case[] = [
  {
    command: backfill,
    means: [
      ["", { concurrency: 4, pageSize: 500, dryRun: false, restart: false, switchInstance: false }],
      ["--rate=2 --page-size 2 --dry-run", { rate: 2, pageSize: 2, dryRun: true }],
    ],
    refused: [
      ["--page-size=501", /from 2 to 500/],
      ["--page-size=1", /from 2 to 500/],
      ["--concurrency=0", /from 1 to 16/],
      ["--rate=1", /from 2 to 10000/],
      ["500", /after `--`: npm run backfill -- --dry-run/],
    ],
  },
  {
    command: drift,
    means: [
      ["", { repair: false, record: true, maxDeletes: { value: 1, isPercent: true } }],
      ["--no-record --repair", { repair: true, record: false }],
      ["--only memberships,users --only users", { only: ["users", "memberships"] }],
      ["--max-deletes 0", { maxDeletes: { value: 0, isPercent: false } }],
      ["--max-deletes 25", { maxDeletes: { value: 25, isPercent: false } }],
      ["--max-deletes 2.5%", { maxDeletes: { value: 2.5, isPercent: true } }],
    ],
    refused: [
      ...["1.5", "101%", "-1", "''", "all"].map((text): [string, RegExp] => [
        `--max-deletes=${text}`,
        /^--max-deletes is a number of rows/,
      ]),
      ["--only sessions", /^--only takes users, organizations, memberships/],
      ["--only ,", /^--only takes/],
      ["--page-size 501", /from 2 to 500/],
      ["repair", /npm run drift -- --repair/],
      ["--fix", /--fix/],
    ],
  },
  {
    command: events,
    means: [
      ["", { all: false, limit: 50, close: [] }],
      ["--outcome failed,stale", { outcome: ["stale", "failed"] }],
      ["--outcome stale --outcome ignored", { outcome: ["stale", "ignored"] }],
      ["--close msg_1 --close msg_2", { close: ["msg_1", "msg_2"] }],
    ],
    refused: [
      ["--outcome lost", /^--outcome takes applied, stale/],
      ["--outcome ''", /^--outcome takes/],
      ["--outcome failed --all", /--all.*--outcome/],
      ["--limit 0", /from 1 to 500/],
      ["--limit 501", /from 1 to 500/],
      ["--type ''", /^--type is empty/],
      ["--close ''", /^--close is empty/],
      ["--close msg_1 --all", /--close.*--all/],
      ["--close msg_1 --type user.created", /--close.*--type/],
      ["--close", /argument missing/],
      ["--close --json", /^--close has no value/],
      ["user_1", /after `--`/],
    ],
  },
  {
    command: replay,
    means: [["--file - --id msg_1", { file: "-", id: "msg_1", json: false }]],
    refused: [["", /--file/], ["--file - --id=a/b", /^--id is a svix-id/]],
  },
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
  {
    command: { name: token.name, parse: (argv) => sessionOf(token.parse(argv)) },
    means: [
      ["--user user_1", { sub: "user_1", version: 2, expiresIn: 3600 }],
      [
        "--user user_1 --organization org_1 --role org:admin --v1 --pending --expires-in 60",
        {
          sub: "user_1",
          version: 1,
          expiresIn: 60,
          orgId: "org_1",
          orgRole: "org:admin",
          sts: "pending",
        },
      ],
    ],
    refused: [
      ["", /--user <id>/],
      ["--user", /argument missing/],
      ["--user ada", /^--user is a Clerk id, user_…/],
      ["--user user_1 --organization acme", /^--organization is a Clerk id, org_…/],
      ["--user user_1 --role org:admin", /--organization org_…/],
      ["--user user_1 --expires-in 0", /^--expires-in is a whole number/],
      ["--user user_1 --expires-in soon", /^--expires-in is a whole number/],
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
