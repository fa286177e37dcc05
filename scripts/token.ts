/** `npm run token`: a session token like Clerk's, for the local stack alone. See --help. */
import { dirname, join } from "node:path";
import { stackTokens } from "./token/session_tokens.ts";
import { readStackFile } from "./command/env_file.ts";
import { UsageError } from "./command/usage_error.ts";
import { HELP } from "./token/help.ts";
import { parseOptions } from "./token/options.ts";

const STACK_DIR = join(dirname(import.meta.dirname!), ".stack");

async function main(argv: string[]): Promise<void> {
  const options = parseOptions(argv);
  if (options.kind === "help") return console.log(HELP);
  const { path, values } = await readStackFile(options.dataDir ?? STACK_DIR);
  const { CLERK_ISSUER, CLERK_SIGNING_KEY } = values;
  if (!CLERK_ISSUER || !CLERK_SIGNING_KEY) {
    throw new UsageError(`No stack runs that could sign (${path}): start one with \`npm start\`.`);
  }
  const tokens = await stackTokens({ CLERK_ISSUER, CLERK_SIGNING_KEY });
  console.log(await tokens.sign(options.session));
}

try {
  await main(Deno.args);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exitCode = 2;
}
