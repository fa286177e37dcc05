import { parseArgs } from "node:util";
import type { Session } from "./session_tokens.ts";
import { integer } from "../command/integer.ts";
import { UsageError } from "../command/usage_error.ts";

/** Longer than anybody tries an app. */
const MAX_SECONDS = 366 * 86_400;

/** The command line, checked. */
export type Options =
  | { kind: "help" }
  | { kind: "token"; session: Session; dataDir: string | undefined };

/** Reads the command line; throws a UsageError. */
export function parseOptions(argv: string[]): Options {
  const { values, positionals } = parse(argv);
  if (values.help) return { kind: "help" };
  if (positionals.length > 0) {
    throw new UsageError(
      "Only options are taken; with npm they come after `--`: npm run token -- --user user_123",
    );
  }
  const { user, organization, role } = values;
  if (!user) throw new UsageError("Whose token? --user user_…");
  if (role !== undefined && organization === undefined) {
    throw new UsageError("--role is a role in an organization: --organization org_…");
  }
  const session: Session = {
    sub: clerkId("user", user),
    version: values.v1 ? 1 : 2,
    expiresIn: integer("expires-in", values["expires-in"], 1, MAX_SECONDS),
  };
  if (organization !== undefined) session.orgId = clerkId("organization", organization);
  if (role !== undefined) session.orgRole = role;
  if (values.pending) session.sts = "pending";
  return { kind: "token", session, dataDir: values["data-dir"] };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        user: { type: "string" },
        organization: { type: "string" },
        role: { type: "string" },
        v1: { type: "boolean", default: false },
        pending: { type: "boolean", default: false },
        "expires-in": { type: "string", default: "3600" },
        "data-dir": { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

const PREFIXES = { user: "user_", organization: "org_" };

function clerkId(name: keyof typeof PREFIXES, id: string): string {
  if (id.startsWith(PREFIXES[name])) return id;
  throw new UsageError(`--${name} is a Clerk id, ${PREFIXES[name]}…`);
}
