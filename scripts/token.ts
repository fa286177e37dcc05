import { defineCommand } from "./command/command.ts";
import { readStackFile } from "./command/env_file.ts";
import { stackOption, wholeNumber } from "./command/options.ts";
import { UsageError } from "./command/usage_error.ts";
import { type Session, stackTokens } from "./token/session_tokens.ts";

/** Longer than anybody tries an app. */
const MAX_SECONDS = 366 * 86_400;

/** What the options are before they make a session. */
interface Options {
  user: string;
  organization?: string | undefined;
  role?: string | undefined;
  v1: boolean;
  pending: boolean;
  expiresIn: number;
}

export default defineCommand({
  name: "token",
  group: "start",
  summary: "prints a session token like Clerk's, for the local stack",
  description:
    `Prints a session token like Clerk's, signed by the running local stack: it stands in for Clerk, so
that an app or curl can be tried without an account. No other project accepts it, hosted ones least of
all.`,
  examples: [
    ["--user user_123", ""],
    ["--user user_123 --organization org_1 --role org:admin", ""],
  ],
  options: (command) =>
    stackOption(
      command
        .requiredOption("--user <id>", "the Clerk id of who is signed in, user_…", id("user"))
        .option(
          "--organization <id>",
          "the active organization, org_…; without it none is",
          id("organization"),
        )
        .option("--role <key>", "the role there, as org:admin (default: org:member)")
        .option("--v1", "in Clerk's old form: org_id, org_role", false)
        .option("--pending", "a session with a task left, which counts as signed out", false)
        .option(
          "--expires-in <n>",
          "seconds until it is over; Clerk's live for 60",
          wholeNumber("expires-in", 1, MAX_SECONDS),
          3600,
        ),
    ),
  notes: `In a shell:  TOKEN=$(npm run -s token -- --user user_123)

It makes nobody a member, nor a user: what may be read goes by the rows that the webhook wrote.

Exit code: 0 printed, 2 wrong usage, or no stack runs.`,
  async run(options) {
    const session = sessionOf(options);
    const { path, values: { CLERK_ISSUER, CLERK_SIGNING_KEY } } = await readStackFile(
      options.dataDir,
    );
    if (!CLERK_ISSUER || !CLERK_SIGNING_KEY) {
      throw new UsageError(
        `No stack runs that could sign (${path}): start one with \`npm start\`.`,
      );
    }
    const tokens = await stackTokens({ CLERK_ISSUER, CLERK_SIGNING_KEY });
    console.log(await tokens.sign(session));
    return 0;
  },
});

/** Whose session a token is of; throws a UsageError. */
export function sessionOf({ user, organization, role, v1, pending, expiresIn }: Options): Session {
  if (role !== undefined && organization === undefined) {
    throw new UsageError("--role is a role in an organization: --organization org_…");
  }
  return {
    sub: user,
    version: v1 ? 1 : 2,
    expiresIn,
    ...(organization !== undefined && { orgId: organization }),
    ...(role !== undefined && { orgRole: role }),
    ...(pending && { sts: "pending" }),
  };
}

const PREFIXES = { user: "user_", organization: "org_" };

function id(name: keyof typeof PREFIXES): (text: string) => string {
  return (text) => {
    if (text.startsWith(PREFIXES[name])) return text;
    throw new UsageError(`--${name} is a Clerk id, ${PREFIXES[name]}…`);
  };
}
