import { join } from "node:path";
import { defineCommand } from "./command/command.ts";
import { startTemporaryStack } from "./temporary_stack.ts";
import { generateTypes, TYPES_FILE } from "./types/generate.ts";

export default defineCommand({
  name: "types",
  group: "develop",
  summary: "writes the TypeScript types of the database",
  description: `Writes ${TYPES_FILE} from a database that the migrations made: a stack of its own,
which ends with it.`,
  examples: [["", "after a change of the migrations"]],
  options: (command) => command,
  notes: "Exit code: 0 written, 2 wrong usage or it could not be made.",
  async run() {
    await using stack = await startTemporaryStack();
    const file = join(import.meta.dirname!, "..", TYPES_FILE);
    await Deno.writeTextFile(file, await generateTypes(stack.env.DB_URL));
    console.log(`${TYPES_FILE} written`);
    return 0;
  },
});
