/** `npm start`: the local stack of this project. */
import { join } from "node:path";
import { runStack } from "./stack/run_stack.ts";

Deno.exit(await runStack(join(import.meta.dirname!, ".."), Deno.args));
