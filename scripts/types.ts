/** `npm run types`: writes the TypeScript types of the database as the migrations make it. */
import { join } from "node:path";
import { readArguments } from "./command/read_arguments.ts";
import { onStopRequest } from "./stack/stop_request.ts";
import { startTemporaryStack } from "./temporary_stack.ts";
import { generateTypes, TYPES_FILE } from "./types/generate.ts";

const HELP = `npm run types     writes ${TYPES_FILE}
  from a database that the migrations made: a stack of its own, which ends with it.

  --help`;

async function writeTypes(): Promise<void> {
  await using stack = await startTemporaryStack();
  const file = join(import.meta.dirname!, "..", TYPES_FILE);
  await Deno.writeTextFile(file, await generateTypes(stack.env.DB_URL));
  console.log(`${TYPES_FILE} written`);
}

readArguments(Deno.args, HELP);
// Ctrl-C lets the stack end as at any end.
onStopRequest(() => {});
await writeTypes();
// Listening for Ctrl-C would keep the process.
Deno.exit(0);
