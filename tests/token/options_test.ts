import assert from "node:assert/strict";
import { parseOptions } from "../../scripts/token/options.ts";

Deno.test("a user is enough: a token of Clerk's present form for an hour, without an organization", () => {
  assert.deepEqual(parseOptions(["--user", "user_1"]), {
    kind: "token",
    session: { sub: "user_1", version: 2, expiresIn: 3600 },
    dataDir: undefined,
  });
});

Deno.test("all options are read", () => {
  const line =
    "--user user_1 --organization org_1 --role org:admin --v1 --pending --expires-in 60 --data-dir x";
  assert.deepEqual(parseOptions(line.split(" ")), {
    kind: "token",
    session: {
      sub: "user_1",
      version: 1,
      expiresIn: 60,
      orgId: "org_1",
      orgRole: "org:admin",
      sts: "pending",
    },
    dataDir: "x",
  });
});

const WRONG: [line: string, message: RegExp][] = [
  ["", /--user user_…/],
  ["--user", /argument missing/],
  ["--user ada", /--user is a Clerk id, user_…/],
  ["--user user_1 --organization acme", /--organization is a Clerk id, org_…/],
  ["--user user_1 --role org:admin", /--organization org_…/],
  ["--user user_1 --expires-in 0", /--expires-in is a whole number/],
  ["--user user_1 --expires-in soon", /--expires-in is a whole number/],
  ["user_1", /npm run token -- --user/],
  ["--user user_1 --admin", /--admin/],
];
for (const [line, message] of WRONG) {
  Deno.test(`npm run token -- ${line}: told what is wrong`, () => {
    assert.throws(() => parseOptions(line.split(" ").filter(Boolean)), {
      name: "UsageError",
      message,
    });
  });
}
