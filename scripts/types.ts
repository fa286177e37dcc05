/** `npm run types`: writes the TypeScript types of the database as the migrations make it. */
import { join } from "node:path";
import { onStopRequest } from "./stack/stop_request.ts";
import { startTemporaryStack } from "./temporary_stack.ts";
import { generateTypes, TYPES_FILE } from "./types/generate.ts";

async function writeTypes(): Promise<void> {
  await using stack = await startTemporaryStack();
  const file = join(import.meta.dirname!, "..", TYPES_FILE);
  await Deno.writeTextFile(file, await generateTypes(stack.env.DB_URL));
  console.log(`${TYPES_FILE} written`);
}

// Ctrl-C lets the stack end as at any end.
onStopRequest(() => {});
await writeTypes();
// Listening for Ctrl-C would keep the process.
Deno.exit(0);
